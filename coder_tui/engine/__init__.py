"""Running the weights: a child process with llama.cpp in it, the messages to it, and the client that minds it.

client  -- messages over pipes -->  worker (child process)
                                      reader thread: cancel, tokenize, stats
                                      owner thread: model, decoder, sampler; one request at a time
"""
