"""What the people of the demo write for themselves. All of it is fictitious."""

PLANNED_WEEKS_AGO = 6

# kind, days ago, number of the competency, shared with the partner, answers by prompt
MENTEE = [
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
]
MENTOR = [
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
