"""The limits of a server, so that slow, silent or many clients cost no more than these. serve.md lists them."""

# Connections open at once. Each that is more is refused and closed, and those that are open go on.
MAX_CONNECTIONS = 256
# Connections that are taken on before any is answered: the operating system keeps the others waiting.
BACKLOG = 64
# The request line and headers.
MAX_HEAD_BYTES = 16_384
# Calls under way at once, counted from the moment that their body is there.
MAX_UNDER_WAY = 64
READERS = 4

# Seconds in which the head of a request must be there, from the connection or the answer before it; the same for its
# body, from the end of its head.
HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
# Seconds that a connection stays open without a further request.
IDLE_SECONDS = 5
# Seconds in which a client must read an answer that does not fit into the buffers of the operating systems.
ANSWER_SECONDS = 30.0
# Seconds that the rest of a refused request is read and forgotten. Closed at once, the client would lose the answer.
LINGER_SECONDS = 2.0
# Seconds for requests in progress when the server is asked to end.
GRACE_SECONDS = 10
