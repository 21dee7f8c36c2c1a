//! Tests of the parts without sockets.
