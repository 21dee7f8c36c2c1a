//! Safe kit for provider authors: streams on the lent reactor, framing, call matching, writing.
