"""What is sent along with a request: the repository, and the window around the cursor."""
