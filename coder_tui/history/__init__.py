"""What was said: sessions and their messages, kept in SQLite."""
