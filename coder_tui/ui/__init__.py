"""The terminal app. Widgets post messages and take data through their constructors; none of them imports the app.

Text of models, files and git reaches the screen as Content or Strips, never as markup.
"""
