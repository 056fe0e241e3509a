"""What the people of the demo write for themselves. All of it is fictitious."""

PLANNED_WEEKS_AGO = 6

# How the experiments of so many days ago stand: not begun, running, or over with a result.
RESULTS = {3: "", 24: "failed", 4: None}

# kind, days ago, number of the competency, shared with the partner, answers by prompt
CONFIDENCE = 2, 4  # before and after the rehearsal
MENTEE = [
    (
        "note",
        2,
        None,
        False,
        {
            "What was decided?": "Testing gets two more days a week, but only until the launch.",
            "What did I notice about the others, and about myself?": (
                "Marta agreed as soon as she saw the number. I explained for five minutes before I showed it."
            ),
            "What will I do, and by when?": "Show the number first on Thursday",
        },
    ),
    (
        "points",
        3,
        None,
        True,
        {
            "message": "A second tester keeps the launch in May",
            "audience": "Steering group, Thursday",
            "request": "Approve eight days of testing from Jonas’s team.",
            "next": "Send the page to the steering group by Wednesday noon",
            "claim-1": "At our pace, testing ends a week after the launch.",
            "evidence-1": "40 open cases, and 11 closed in each of the last three weeks.",
            "source-1": "Test board of the launch, as of Monday",
            "claim-2": "A late launch costs more than the help.",
            "evidence-2": "Last year a launch without tests took four weeks of repairs. The help costs eight days.",
            "source-2": "Review of the spring launch, page 3",
            "claim-3": "Jonas can spare the time until May.",
            "evidence-3": "His next release starts in June, and two of his testers know our partners.",
            "source-3": "",
        },
    ),
    (
        "pitch",
        4,
        None,
        False,
        {
            "occasion": "The steering group on Thursday: money for a second tester",
            "aim": "Say yes to two days a week until the launch.",
            "next": "Open the steering group with the second version on Thursday",
            "version-1": (
                "Hi everybody, as you know we have been working on the launch for a while now, and testing has turned"
                " out to be a bit more work than we thought when we planned it in spring. We have one tester, who is"
                " doing a great job, but there are forty open cases, and if nothing changes we will probably finish a"
                " week or so after the date that we told the partners. So what I wanted to ask is whether there might"
                " be some budget for a little more help, maybe from Jonas, maybe from outside, just until the launch."
            ),
            "version-2": (
                "At our pace, testing ends a week after the launch: forty open cases, one tester. With a second tester"
                " for two days a week, it ends on time. That costs eight days, less than one week of delay cost us last"
                " year. I ask you to approve those eight days today, so that Jonas can plan them on Monday."
            ),
        },
    ),
    (
        "conversation",
        20,
        None,
        False,
        {
            "topic": "Telling Marta that the date of the launch moves",
            "facts": "Two of five partners have not tested. We learned it on Friday.",
            "aim": "A new date that we both present.",
            "their_view": "She promised the old date to the board.",
            "evidence": "Last year we launched untested, and spent four weeks on repairs.",
            "opening": "Marta, I need ten minutes on the launch date, and I have a proposal.",
            "question": "Why do I only hear this now?",
            "answer": "Because I waited for certainty. I should have called on Friday.",
        },
    ),
    (
        "rehearsal",
        18,
        None,
        True,
        {
            "scenario": "Telling Marta that the date of the launch moves",
            "intended": "Say the bad news in the first sentence.",
            "happened": "It took me four sentences.",
            "differently": "Name the date first, then one reason.",
        },
    ),
    (
        "debrief",
        16,
        1,
        False,
        {
            "happened": "She was angry for a minute, then asked for the new plan.",
            "values": "Yes. I was honest, and I did not blame the partners.",
            "lesson": "Bad news is easier with a proposal in the same sentence.",
            "next": "Call on the day I learn something, not when I am certain.",
        },
    ),
    (
        "conversation",
        2,
        None,
        False,
        {
            "topic": "Asking Jonas for a second tester until the launch",
            "facts": "One tester has 40 open cases. At this pace, we finish a week after the launch.",
            "aim": "Two days a week of somebody from his team.",
            "their_view": "His team is late, too, and nobody thanks it for helping out.",
            "opening": "Jonas, I would like two days a week of your team, and I know what it costs you.",
            "question": "Why should my dates move for yours?",
        },
    ),
    (
        "experiment",
        3,
        1,
        True,
        {
            "try": "Open the stand-up with one question instead of the list",
            "where": "The Tuesday and Thursday stand-up, with Theo and Lin",
            "limit": "If someone has to ask twice what is to be decided, I go back to the list.",
        },
    ),
    (
        "experiment",
        24,
        0,
        True,
        {
            "try": "Send the agenda the evening before, and start without an introduction",
            "where": "The weekly review with finance",
            "limit": "If two people have not read it, I give the introduction after all.",
            "happened": "Nobody had read it. We began eight minutes late.",
            "lesson": "People read what asks them for something",
            "next": "Put one question for each person into the agenda",
        },
    ),
    (
        "reflection",
        1,
        None,
        False,
        {
            "worked": "I answer too fast. Today I noticed it while I was doing it, which is new.",
            "surprised": "When I waited ten seconds, Theo found the answer himself.",
            "next": "Count to ten before I answer a question in the stand-up.",
        },
    ),
    (
        "reflection",
        8,
        None,
        True,
        {
            "worked": "The stand-up without notes. I opened with the decision.",
            "surprised": "The room was quieter than usual, and it helped.",
            "next": "Open the budget review with the number and one request.",
        },
    ),
    (
        "reflection",
        15,
        None,
        False,
        {
            "worked": "Why do I avoid Marta? I wrote down what she asked me last time.",
            "surprised": "I prepare for a fight, and she asks for a number.",
            "next": "Bring the number.",
        },
    ),
    (
        "reflection",
        29,
        None,
        False,
        {
            "worked": "Asked Sam for help before it was late.",
            "surprised": "He had made the same mistake, twice.",
            "next": "Write down what I know before I ask.",
        },
    ),
    (
        "reflection",
        36,
        None,
        False,
        {
            "worked": "The first week with a goal in writing.",
            "surprised": "How often I say “just a small thing”.",
            "next": "Leave out “just”.",
        },
    ),
    (
        "lesson",
        5,
        0,
        True,
        {
            "happened": "Finance interrupted me on slide two, and I explained the vendor API for four minutes.",
            "lesson": "Decision first, details on request",
            "use": "Start the steering group with the decision I need, in one sentence",
        },
    ),
    (
        "lesson",
        19,
        1,
        False,
        {
            "happened": "I said nothing when Jonas asked who would take the migration.",
            "lesson": "Silence is an answer, too",
            "use": "When a task is open, say yes or no before the meeting ends",
        },
    ),
    (
        "setback",
        44,
        1,
        False,
        {
            "project": "The vendor trial ended two weeks late",
            "expected": "Four weeks with three teams. It took six, and one team never started.",
            "signs": "Their lead moved our first call twice. I found an excuse for it both times.",
            "part": "I asked for a name per team, but not for hours. I knew how full their plan was.",
            "outside": "The vendor changed the contract in week two.",
            "lessons": "A name without hours is not a yes\nTwo moved calls are an answer",
            "next": "Ask each team for hours in writing before I set a date.",
        },
    ),
    (
        "success",
        12,
        0,
        False,
        {
            "project": "The budget review took twenty minutes",
            "expected": "An hour of questions about the vendor. They decided after the third slide.",
            "part": "I sent the number the day before and opened with one request.",
            "luck": "Finance had the same number from another team.",
            "lessons": "Send the number a day before",
            "next": "The steering group in two weeks.",
        },
    ),
    (
        "journal",
        3,
        None,
        False,
        {
            "entry": "Theo asked if I was angry. I was not, I was thinking. My thinking face seems to cost people"
            " something. I would like to know how often that happens.",
            "notice": "I go quiet when something matters, and they read it as no.",
            "next": "Say “I am thinking” aloud.",
        },
    ),
    (
        "journal",
        10,
        None,
        False,
        {"entry": "The first week in which I left the office before six on three days. Nothing broke."},
    ),
    (
        "journal",
        24,
        None,
        False,
        {
            "entry": "I keep the hard emails for the evening, and then write them tired.",
            "next": "Hard emails before ten.",
        },
    ),
]
MENTOR = [
    (
        "template",
        9,
        None,
        True,
        {
            "title": "Before I answer an email that annoys me",
            "questions": (
                "What do they need?\nWhich part of it is about me?\nWhat would I write if I liked them?"
                "\nWhat do I do now, and what not before tomorrow?"
            ),
        },
    ),
    (
        "experiment",
        4,
        None,
        False,
        {
            "try": "Say nothing in the first ten minutes of our session",
            "where": "The next session with Ada",
            "limit": "If she asks me twice what I think, I say it.",
        },
    ),
    (
        "reflection",
        6,
        None,
        True,
        {
            "worked": "I asked three questions before I gave advice, and needed only one of my answers.",
            "surprised": "Ada had the better idea. I would have talked over it a year ago.",
            "next": "Begin with “What have you tried?” and then be quiet.",
        },
    ),
]
# whether the one who asked wrote it, days ago, the line, the answer
LINES = [
    (True, 15, "Ran the weekly review without slides. Shorter by a third.", "Stealing this."),
    (False, 8, "Asked for the number before I gave mine. It was lower than I feared.", ""),
    (False, 1, "Said no to a side project. It took one sentence.", ""),
]
# name, influence, support, what matters to them, how to approach them
STAKEHOLDERS = [
    (
        "Marta (sponsor)",
        5,
        3,
        "Her promise to the board. She hates surprises, and forgives bad news that come early.",
        "Call her on the day I learn something. Number first, then one proposal.",
    ),
    (
        "Jonas (testing)",
        4,
        2,
        "His own release in June, and thanks for his team, which nobody ever gives.",
        "Ask for two days a week, and offer to name his team in the launch note.",
    ),
    ("Finance", 4, 4, "No cost after the end of the quarter.", "Show that eight days now replace four weeks later."),
    ("Partners in the pilot", 2, 5, "A date they can plan with.", ""),
    ("Theo (platform)", 2, 3, "He wants fewer meetings.", "Ask him in writing, with one question."),
]
# whom, why, what was learned, days ago: asked, introduced, talked, noted
INTRODUCTIONS = [
    (
        "Someone on the risk committee",
        "How they decide which launch they look at closely.",
        "",
        *(2, None, None, None),
    ),
    (
        "Marta’s predecessor, now in operations",
        "What she would tell the board first.",
        "",
        *(12, 6, None, None),
    ),
    (
        "Ines from customer support",
        "What customers complain about in the first week after a launch.",
        "They keep a list of the ten questions they cannot answer. Nobody had ever asked for it.",
        *(48, 41, 33, 32),
    ),
]
# the inventory, days ago, the answers in the order of its statements
# The self-review of the newest quarter, by the mentor.
REVIEW = {
    "proud": "Noor asked for the review of the platform team herself. All I asked was when it would be.",
    "learned": "I am patient until minute forty. Then I begin to solve it for them.",
    "change": "I prepare one of my two sessions and improvise the other.",
    "next": "Read the notes of the last session ten minutes before each one.",
}
INVENTORIES = [
    ("strengths", 62, (3, 2, 2, 4, 2, 2, 2, 3, 3, 1, 2, 2)),
    ("strengths", 4, (4, 3, 3, 4, 4, 3, 4, 3, 3, 3, 4, 3)),
    ("blind-spots", 30, (3, 4, 2, 3, 2, 4, 2, 2, 3, 4, 4, 2)),
]
# The program's own inventories: title, what it is for, statements, whether it is published
OWN_INVENTORIES = [
    (
        "Meetings at Harbor Works",
        "What colleagues expect of the person who calls a meeting.",
        """Before
- I send the question that we have to decide a day ahead.
- I invite those who decide or know something, and nobody else.
- If an email is enough, I write the email.

During
- I begin and end on time, also when somebody important is late.
- I ask people who have said nothing for what they see.
- I say aloud what we have decided before we leave.

After
- I write down the decision and who does what within an hour.
- I check after two weeks if it happened.""",
        True,
    ),
    (
        "The first months as a lead",
        "",
        """With the team
- I have talked to each person alone.
- I know what each of them wants to learn.""",
        False,
    ),
]
# title, kind, address, number of the competency, note
LIBRARY = [
    ("Leading without a title", "course", "leading", 0, "Four evenings, with people from other sites."),
    ("The one-page brief", "reading", "one-page-brief", 0, "Twenty minutes. With a template."),
    ("Feedback in two sentences", "course", "feedback", 1, "Two hours, mostly practice in pairs."),
    ("Chair a review of another team", "assignment", "reviews", 1, "One hour a month. Ask Priya for a place."),
    ("Harbor Works project leads", "community", "project-leads", None, "Lunch on the first Thursday."),
]
# number in the library, why, status, usefulness, days ago
RECOMMENDED = [
    (1, "Use its template for the budget review: one number, one request.", "started", None, 6),
    (3, "You would see how another team decides, and nobody there knows you yet.", "", None, 2),
    (2, "It helped me stop after two sentences.", "finished", 5, 40),
]
OWN_RESOURCE = ("Women in Product, local group", "I can practice my opening there.")

# who posts, title, text, number of the competency, where, how much time, places, days until the last day,
# applications: who, days ago, note, state, answer
OPPORTUNITIES = [
    (
        "Kofi",
        "Lead the look back on the warehouse launch",
        "One hour with nine people from three teams. You plan it, lead it, and write the one page that comes of it. I "
        "am in the room and stay quiet.",
        1,
        "Rotterdam, or by video",
        "Five hours in two weeks",
        1,
        9,
        [("Noor", 1, "I have only led meetings of my own team. I would like to try it where nobody knows me.", "", "")],
    ),
    (
        "Priya",
        "Present the pilot to the sales leads",
        "Ten minutes and five questions, in the meeting of the sales leads. I help with the numbers.",
        0,
        "Hamburg",
        "Two afternoons",
        2,
        16,
        [
            (
                "Ada",
                3,
                "I know the pilot from the inside, and I want to practice saying what I ask for first.",
                "accepted",
                "Gladly. Come by on Thursday, and we look at the numbers.",
            ),
        ],
    ),
    (
        "Ruth",
        "Follow the release lead for a week",
        "Sit in on every decision for one release, and ask one question a day.",
        0,
        "Online",
        "An hour a day for a week",
        2,
        -30,
        [("Ada", 40, "I would like to see how somebody decides with half of the facts.", "done", "Welcome aboard.")],
    ),
]
