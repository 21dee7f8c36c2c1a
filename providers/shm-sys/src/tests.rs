//! Segments and queues between two ends in this process: the right way, and every wrong way of a peer.

mod hostile;
mod queues;
mod sealing;
