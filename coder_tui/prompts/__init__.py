"""What a model is sent and what is taken from its answer: FIM dialects, layouts, chat templates, cleaning.

Everything in here is a pure function over values of `core`; no model is needed to test it.
"""
