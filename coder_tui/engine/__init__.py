"""Running the weights: a child process with llama.cpp in it, the messages to it, and the client that minds it.

client  -- messages over pipes -->  worker (child process)
                                      reader thread: cancel, tokenize, stats
                                      owner thread: scheduler -> generate -> cache -> decoder, step by step

The worker is its client's own (`process`), or one that stays and that several clients use over a socket (`resident`,
which they find by `joining`); either is a `link` to them.

A request goes to a lane, the chats' context or the suggestions', each with its KV cache. `kv` plans what of the cache
is kept, moved and evaluated, `cache` does it, `lookup` guesses tokens ahead, `prompt_cache` keeps what it held before
in memory, `state_file` on disk.
"""
