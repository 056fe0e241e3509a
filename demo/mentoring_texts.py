"""What the people of the demo write about the mentoring. All of it is fictitious."""

# by the number of sessions held: days ago, answers by prompt, what the mentor will try (empty: not answered yet)
FEEDBACK = {
    3: (
        9,
        {
            "helps": "You remember what worried me two weeks ago, and ask what came of it.",
            "change": "More time on the one thing that keeps me awake, less on the round of news.",
            "try": "Ask me what I would do before you tell me what you did.",
        },
        "",
    ),
    6: (
        26,
        {
            "helps": "I leave with one thing to do, never with five.",
            "change": "Fewer stories about the old platform.",
            "try": "Tell me when you think I am wrong.",
        },
        "Say “I see it differently” once in every session with Noor",
    ),
}

# questions among mentors: who asks, days ago, the question, and the answers: who, days ago, the answer
HUDDLE = [
    (
        "Ruth",
        6,
        "How do you end a session on time when the best topic comes last?",
        [
            ("Kofi", 5, "I set the timer to ten minutes before the end, and we stop for the commitment then."),
            ("Sam", 4, "I ask at the start which topic would be a pity to miss, and we begin with it."),
        ],
    ),
    (
        "Kofi",
        1,
        "What do you do when you hear the same obstacle for the third time?",
        [("Ruth", 1, "I stop offering ideas, and ask what it would cost to leave it as it is.")],
    ),
]

# questions that the mentee asked before a session: days ago, the question, the mentor's answer in one line
ANSWERED = [
    (40, "Whom do I ask about the budget?", "Jonas, before noon."),
    (33, "Is one page enough for the board?", "What should they decide when they have read it?"),
    (26, "Should I name the supplier?", "What changes for them if you do?"),
    (19, "Can I skip the rehearsal?", "No. Ten minutes are enough."),
    (12, "Do I answer Marta now or on Monday?", "What would you like her to feel on Sunday?"),
    (5, "Who speaks first, Theo or I?", "Who has more to lose if it goes wrong?"),
]
