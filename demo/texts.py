"""Names and texts of the demo; all of them are fictitious."""

PROGRAM = "Women in engineering"
RUN_BY = "Harbor Works (a made-up company)"

# name, zone, roles
PEOPLE = [
    ("Sam Okafor", "Europe/London", ["mentor"]),
    ("Ada Lind", "Asia/Kolkata", ["mentee"]),
    ("Priya Nair", "Europe/London", ["admin"]),
    ("Noor Rahimi", "Europe/Berlin", ["mentee"]),
    ("Kofi Mensah", "Africa/Accra", ["mentor"]),
    ("Lena Brandt", "Europe/Berlin", ["mentee"]),
    ("Tom Reed", "America/New_York", ["mentor"]),
    ("Mei Tanaka", "Asia/Tokyo", ["mentee"]),
    ("Ines Duarte", "Europe/Lisbon", ["mentor", "mentee"]),
    ("Jonas Weber", "Europe/Berlin", ["mentee"]),
    ("Ruth Adeyemi", "Africa/Lagos", ["mentor", "admin"]),
    ("Clara Novak", "Europe/Prague", ["mentee"]),
    ("Diego Santos", "America/Sao_Paulo", ["mentor"]),
    ("Hana Kim", "Asia/Seoul", ["mentee"]),
    ("Grace Obi", "Europe/London", ["mentor"]),
    ("Sofia Rossi", "Europe/Rome", ["mentee"]),
    ("Nils Berg", "Europe/Stockholm", ["mentor"]),
    ("Amara Diallo", "Europe/Paris", ["mentee"]),
    ("Leo Marsh", "America/Chicago", ["mentor"]),
    ("Yara Haddad", "Asia/Beirut", ["mentee"]),
    ("Eva Lopez", "Europe/Madrid", ["mentee"]),
    ("Zoe Grant", "Australia/Sydney", ["mentee"]),
    ("Maya Iyer", "Asia/Kolkata", ["mentee"]),
    ("Olga Ruiz", "Europe/Madrid", ["mentor"]),
    ("Ben Moss", "Europe/London", ["mentee"]),
]
UNPAIRED = [("Tess Vogel", "Europe/Vienna"), ("Ravi Menon", "Asia/Kolkata")]  # joined, not yet paired
INVITED = [("Iris Chen", "mentee"), ("Paul Adler", "mentor")]  # have not joined yet

GOALS = [
    ("Hold my own in a room of senior people", "I am asked for facts and never for a view", "Invited to speak, twice"),
    ("Lead a project from start to finish", "The next role asks for it", "One launch that I planned and closed"),
    ("Give feedback that people can use", "My reviews read as a list of faults", "Two people say it helped"),
    ("Say no without burning a bridge", "I work most weekends", "Four weeks without weekend work"),
    ("Explain technical risk to the business", "Decisions are made without us", "A risk of mine changes a plan"),
    ("Delegate work I like doing", "I am the bottleneck", "Somebody else runs the weekly build"),
]

MILESTONES = {  # for each goal: a reached milestone and the next one
    "Hold my own in a room of senior people": ("One question asked in the steering group", "A view given before asked"),
    "Lead a project from start to finish": ("A plan that the team has agreed to", "The first release without help"),
    "Give feedback that people can use": ("One talk prepared with an example", "Feedback to someone senior to me"),
    "Say no without burning a bridge": ("One request turned down in writing", "A no said in the room"),
    "Explain technical risk to the business": ("One page without jargon", "Ten minutes in the budget review"),
    "Delegate work I like doing": ("A list of what only I can do", "Somebody else answers for the build"),
}

EVENTS = [
    "Board presentation",
    "Quarterly planning",
    "Launch of the supplier portal",
    "Talk at the engineering day",
    "Budget review with finance",
    "Interview for team lead",
    "Handover of the billing service",
    "Retrospective with the platform team",
]

# title, obstacle, tried, options, ideas
TOPICS = [
    (
        "How do I defend the delay without sounding defensive?",
        "I know the numbers, but when the finance lead interrupts I start explaining details and lose the thread.",
        "Wrote a one-pager. It helped for the first two minutes.",
        "Open with the decision I want, or send the numbers the day before.",
        "Start from the decision. Then: what was intended, what happened, what changes.",
    ),
    (
        "Two people on my project do not talk to each other",
        "Each writes to me instead of to the other, and I pass it on.",
        "A joint meeting; they were polite and nothing changed.",
        "Stop passing messages on. Give them one deliverable to share.",
        "Name what you see, once, to both: \u201cI have become the post office.\u201d",
    ),
    (
        "My manager rewrites what I send out",
        "I stop doing my best because it gets changed anyway.",
        "Asked what was wrong with the last one. \u201cNothing, just style.\u201d",
        "Agree the outline first, so that only the wording is left.",
        "Ask for the three things she always changes and keep them as a checklist.",
    ),
    (
        "Choosing between depth and a lead role",
        "Everyone around me says lead; I like the machine room.",
        "Shadowed a lead for two days.",
        "Try one project as lead without the title.",
        "Write down the last five days you went home happy. What did you do on them?",
    ),
    (
        "I freeze when asked for an estimate",
        "I have been wrong in public before and still hear about it.",
        "Adding half on top. Now nobody believes the number.",
        "Give a range and say what would move it.",
        "Three numbers and one sentence on each. Practise it twice aloud before Thursday.",
    ),
    (
        "Asking for a raise in a year without money",
        "I do not know what the others earn and I dislike asking.",
        "Collected what I did in the last twelve months.",
        "Ask for scope and a date instead of money now.",
        "Take the three results with a number on them. Leave the rest at home.",
    ),
    (
        "The new colleague works around me",
        "He asks my team directly and I hear of it in the stand-up.",
        "Told him in chat. He said sorry and did it again.",
        "Talk in person. Offer him one fixed slot a week.",
        "Ask what he needs that he does not get through you. It may be speed.",
    ),
    (
        "Saying no to the third side project",
        "It is always somebody I like who asks.",
        "\u201cMaybe next month\u201d. Next month came.",
        "Say what I would have to stop, and let them choose.",
        "A short no today is kinder than a long maybe.",
    ),
    (
        "Getting my risk heard before the plan is fixed",
        "By the time I speak the slide is already done.",
        "Wrote a page. Nobody opened it.",
        "See the planner a week earlier, with one chart.",
        "Find out who loses most if the risk comes true. Talk to that person first.",
    ),
    (
        "My first talk in front of two hundred people",
        "I read from the slides when I get nervous.",
        "Learned it by heart; sounded like it.",
        "Five pictures, one story each.",
        "Rehearse the first ninety seconds until they bore you. The rest will follow.",
    ),
    (
        "Handing over work I am proud of",
        "Nobody does it the way I do.",
        "Wrote it all down. Thirty pages.",
        "Let her run it once while I watch.",
        "Agree on the three things that must not go wrong. Let go of the others.",
    ),
    (
        "A review that felt unfair",
        "I cannot tell which part of it is true.",
        "Slept on it twice.",
        "Ask for one example for each point.",
        "Take the sentence that stings most. Assume it is half true. What would that half be?",
    ),
]

QUESTIONS = [
    "How did you say no to your first sponsor?",
    "What did your calendar look like when you became a lead?",
    "Do you prepare for one-to-ones, and how?",
    "When did you last change your mind in front of the team?",
    "Which book do you give to people most often?",
    "How do you notice that a meeting goes wrong?",
]

# text, done when, owner
COMMITMENTS = [
    ("Send Lin the one-page draft", "Lin has commented", "mentee"),
    ("Rehearse the opening twice, recorded", "under 90 seconds", "mentee"),
    ("Introduce Ada to Femi in finance", "they have a date", "mentor"),
    ("Ask Marta for one example of \u201ctoo detailed\u201d", "written down", "mentee"),
    ("Draw the risk as one chart", "a stranger understands it in a minute", "mentee"),
    ("Block two mornings a week for deep work", "four weeks in the calendar", "mentee"),
    ("Share the planning sheet from last year", "sent", "mentor"),
    ("Say no to one request this week", "said, and still friends", "mentee"),
    ("Let Theo run the weekly build once", "he did, I was silent", "mentee"),
    ("List the three results with a number", "on one card", "mentee"),
    ("Talk to the planner before the slides are done", "twenty minutes, in person", "mentee"),
    ("Write the first ninety seconds of the talk", "read aloud to somebody", "mentee"),
    ("Read the draft and mark where I got lost", "comments sent", "mentor"),
    ("Give Jan feedback with one example", "he repeats it in his words", "mentee"),
    ("Give an estimate as three numbers", "in the next planning", "mentee"),
    ("Move the Friday meeting to an hour people are awake", "invitation changed", "mentee"),
]

UPDATES = [
    (
        "The supplier call went well, they took our date.",
        "Finance wants a second round of figures, and I do not know why.",
        "Draft to Lin on Tuesday. Board meeting a week later.",
    ),
    (
        "Ran the stand-up alone for the first time.",
        "I still answer every question myself.",
        "Planning closes on Friday.",
    ),
    (
        "Said no to a side project. Nobody died.",
        "Two nights of bad sleep before the review.",
        "Review on Wednesday at ten.",
    ),
    (
        "The chart landed. The planner asked for a copy.",
        "Waiting for access to the numbers since last week.",
        "Handover on the 12th.",
    ),
    ("Finished the handover notes, four pages instead of thirty.", "", "Talk in three weeks; slides in two."),
    ("", "Not much moved. Too many fires.", "Launch date may slip."),
]

NOTES = [
    "The question behind the question is \u201ccan we trust the new date?\u201d\n\nBring one risk yourself.",
    "What helps: *one* number, one picture, one ask.\n\n- say the decision first\n- stop after two sentences",
    "She is not against the plan. She was not asked.",
    "Try it small: one meeting, one person, next Tuesday.",
    "Energy is highest before lunch. Put the hard talk there.",
]

FEEDBACK = [
    (
        "Get a yes for the new date.",
        "Ten minutes of detail, then the time was up.",
        "Ask for the decision in the first minute.",
    ),
    (
        "Let Theo run the build.",
        "Took over when he hesitated.",
        "Sit on my hands until he asks.",
    ),
    (
        "Tell Jan about the tone of his reviews.",
        "Softened it until he thanked me for the praise.",
        "One example, one wish, then stop.",
    ),
]

# On one competency, the first by the mentor and the second by the mentee: how many days ago, and the answers.
LOOP = [
    (
        34,
        {
            "example": "The review of Jan\u2019s draft in the team call.",
            "intended": "Tell him what works, and one thing to change.",
            "happened": "Nine points in four minutes. He wrote down none of them.",
            "differently": "Ask Jan which one point he takes along, before the call ends.",
            "keep": "You began with what worked.",
            "adjust": "One point a call, the others in writing.",
        },
    ),
    (
        6,
        {
            "example": "Jan\u2019s second draft, again in the team call.",
            "intended": "One point, and his words for it.",
            "happened": "He named the point himself, and two others asked for the same.",
            "differently": "Offer it to Jan before the call, so that he can choose where to hear it.",
            "keep": "Waiting until he had finished.",
        },
    ),
]

PRIVATE = "Remember my own first board meeting. Offer to sit in the rehearsal."
REASONS = ["a customer visit", "ill", "the quarter closes that day", "travel", "no child care"]
STUCK = "The two teams each wait for the other to go first."
TAKEAWAYS = ["Decision first, details on request.", "It is the same fear as last year, only smaller.", "Ask earlier."]

PRIORITIES = [
    "Ship smaller, twice as often",
    "Customers hear from us first",
    "Fewer meetings that end without a decision",
]
COMPETENCIES = ["Leads without authority", "Gives feedback people can use", "Explains risk to the business"]
PLAN = {
    "skill": "Open a meeting so that it ends in a decision",
    "gap": "I start with the background, and the question comes when half the people have left.",
    "level_now": 2,
    "level_target": 4,
    "resources": "Sit in on two of Lin’s reviews. Write the question first.",
    "review_weeks": 4,
}
PLAN_CHANGED = "The first step came sooner than we thought; the last one needs more time."
OUTCOMES = [
    ("The weekly review ends with one decision and its owner", "process"),
    ("Ran the release meeting alone", "skill"),
]
WELL_DONE = "You waited, and they came to you with the question. That was new."
GOAL_BEFORE = "Become a better speaker"
GOAL_CHANGED = "It was too big to notice when it happens."
PULSE = "asks for a decision before the meeting is over"
KEEP = ["Writing the question into the invitation.", "Letting others finish.", "The short summary afterwards."]
CHANGE = ["Say sooner what you think yourself.", "Bring the numbers along.", ""]
SKILLS = [
    "Public speaking",
    "Conflict",
    "Delegating",
    "Budgets",
    "Writing",
    "Giving feedback",
    "Negotiation",
    "Coaching",
]

# Cleared flags: the mentee, the rule, its level, how many weeks ago it was raised, and for how many weeks.
PAST_FLAGS = [
    ("Lena", "A3", "amber", 13, 2),
    ("Hana", "A2", "amber", 9, 2),
    ("Amara", "A3", "amber", 8, 2),
    ("Mei", "A2", "amber", 11, 2),
    ("Mei", "A2", "red", 6, 1),
    ("Yara", "A2", "amber", 8, 3),
    ("Noor", "A6", "amber", 10, 2),
    ("Clara", "A4", "amber", 15, 1),
    ("Jonas", "A3", "amber", 12, 2),
    ("Ines", "A11", "amber", 7, 2),
    ("Sofia", "A2", "amber", 6, 2),
    ("Maya", "A6", "amber", 5, 2),
]

# The days since the program admin was last in touch with a mentor.
CONTACTS = {"Kofi": 44, "Tom": 45, "Sam": 12, "Grace": 9, "Nils": 20, "Leo": 23, "Ines": 31, "Ruth": 6}
