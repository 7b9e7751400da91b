"""Screens over the editor: questions, help, lists to choose from, the review of a change."""
