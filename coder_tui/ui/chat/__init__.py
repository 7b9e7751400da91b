"""The chat: the conversation, the prompt, and code in answers that can be used."""
