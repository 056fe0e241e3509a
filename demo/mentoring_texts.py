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
