//! Writing to the log: the words of one member, in order, each exactly once whatever becomes of the requests to etcd.
//!
//! Each batch is written on the condition that the member is still there and that the batch before is the last one. So
//! an attempt of which nobody knows what came can be made again: either it is done now, or the key tells that it was
//! done before, or that the member is not there any more and it will never be done.

use etcd_client::{Compare, CompareOp, TxnOp};
use tokio::sync::mpsc;

use crate::config::EtcdConfig;
use crate::record::Batch;
use crate::store::{Store, StoreError, in_full};

/// What is to be written.
pub(crate) enum Said {
    Word(Vec<u8>),
    /// Nothing follows: the member leaves.
    Leave,
}

/// A member, as far as the conditions need it.
pub(crate) struct Voice {
    pub(crate) slot: u32,
    pub(crate) incarnation: u32,
    /// The revision at which it came.
    pub(crate) joined: i64,
    /// The revision at which its slot last said something; 0: never.
    pub(crate) last: i64,
}

/// Writes until the member leaves or is not there any more.
pub(crate) async fn speak(
    store: Store,
    config: EtcdConfig,
    mut voice: Voice,
    mut words: mpsc::UnboundedReceiver<Said>,
) {
    let mut number = 0;
    let mut held = None;
    loop {
        let first = match held.take() {
            Some(first) => Some(first),
            None => words.recv().await,
        };
        let Some(first) = first else { return };
        let mut batch = Batch {
            incarnation: voice.incarnation,
            number,
            is_leaving: false,
            words: Vec::new(),
        };
        held = fill(&mut batch, first, &mut words, &config);
        number += 1;
        if !write(&store, &config, &mut voice, &batch).await {
            tracing::warn!(target: "harness", "this member is not there any more: its words are not taken");
            return;
        }
        if batch.is_leaving {
            return give_up(&store, &config, &voice).await;
        }
    }
}

/// Takes what waits, up to the limits; what is beyond is returned.
fn fill(
    batch: &mut Batch,
    first: Said,
    words: &mut mpsc::UnboundedReceiver<Said>,
    config: &EtcdConfig,
) -> Option<Said> {
    let mut bytes = 0;
    let mut next = Some(first);
    while let Some(said) = next {
        match said {
            Said::Leave => {
                batch.is_leaving = true;
                return None;
            }
            Said::Word(word) => {
                let is_full = batch.words.len()
                    >= config.batch_words_max.min(config.wire.batch_messages_max)
                    || bytes + word.len() > config.batch_bytes_max;
                if is_full && !batch.words.is_empty() {
                    return Some(Said::Word(word));
                }
                bytes += word.len();
                batch.words.push(word);
            }
        }
        next = words.try_recv().ok();
    }
    None
}

/// Writes a batch once; false when the member is not there any more, so that it never will be.
async fn write(store: &Store, config: &EtcdConfig, voice: &mut Voice, batch: &Batch) -> bool {
    let key = store.keys.say(voice.slot);
    let value = batch.write();
    let mut attempt = 0;
    loop {
        let when = vec![
            is_there(store, voice),
            Compare::mod_revision(key.clone(), CompareOp::Equal, voice.last),
        ];
        let put = vec![TxnOp::put(key.clone(), value.clone(), None)];
        let error = match store.transact("writing to the log", when, put).await {
            Ok(done) if done.is_done => {
                voice.last = done.revision;
                return true;
            }
            Ok(_) => match was_written(store, &key, batch, config).await {
                Ok(Some(revision)) => {
                    voice.last = revision;
                    return true;
                }
                Ok(None) => return false,
                Err(error) => error,
            },
            Err(error) => error,
        };
        tracing::debug!(target: "harness::etcd", error = in_full(&error), delivery = ?error.delivery(), "a batch is tried again");
        tokio::time::sleep(config.pause(attempt)).await;
        attempt += 1;
    }
}

/// Whether an earlier attempt wrote it.
async fn was_written(
    store: &Store,
    key: &str,
    batch: &Batch,
    config: &EtcdConfig,
) -> Result<Option<i64>, StoreError> {
    let found = store.get(key.to_owned()).await?;
    Ok(found.and_then(|found| {
        let there = Batch::read(&found.value, &config.wire).ok()?;
        let is_it = (there.incarnation, there.number) == (batch.incarnation, batch.number);
        is_it.then_some(found.modified)
    }))
}

/// Takes the member's key away; its lease does it otherwise.
async fn give_up(store: &Store, config: &EtcdConfig, voice: &Voice) {
    let mut attempt = 0;
    loop {
        let when = vec![is_there(store, voice)];
        let delete = vec![TxnOp::delete(store.keys.member(voice.slot), None)];
        match store.transact("leaving", when, delete).await {
            // Done now, or before.
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(target: "harness::etcd", error = in_full(&error), "leaving is tried again");
            }
        }
        tokio::time::sleep(config.pause(attempt)).await;
        attempt += 1;
    }
}

fn is_there(store: &Store, voice: &Voice) -> Compare {
    let member = store.keys.member(voice.slot);
    Compare::create_revision(member, CompareOp::Equal, voice.joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> EtcdConfig {
        EtcdConfig {
            batch_bytes_max: 10,
            batch_words_max: 3,
            ..EtcdConfig::new("A", vec!["http://127.0.0.1:1".to_owned()])
        }
    }

    /// The sizes of the words of one batch, and whether something is left for the next.
    fn check(sizes: &[usize], leaves: bool, expected: &[usize], is_left: bool) {
        let (say, mut words) = mpsc::unbounded_channel();
        for size in &sizes[1..] {
            say.send(Said::Word(vec![0; *size])).unwrap();
        }
        if leaves {
            say.send(Said::Leave).unwrap();
        }
        let mut batch = Batch {
            incarnation: 0,
            number: 0,
            is_leaving: false,
            words: Vec::new(),
        };
        let first = Said::Word(vec![0; sizes[0]]);
        let left = fill(&mut batch, first, &mut words, &config());
        let filled: Vec<_> = batch.words.iter().map(Vec::len).collect();
        assert_eq!(filled, expected);
        assert_eq!(left.is_some(), is_left);
        assert_eq!(batch.is_leaving, leaves && !is_left);
    }

    #[test]
    fn a_batch_ends_at_its_limits() {
        check(&[4, 6], false, &[4, 6], false);
        check(&[4, 7], false, &[4], true);
        check(&[1, 1, 1], false, &[1, 1, 1], false);
        check(&[1, 1, 1, 1], false, &[1, 1, 1], true);
    }

    #[test]
    fn a_word_that_is_larger_than_a_batch_goes_alone() {
        check(&[11, 1], false, &[11], true);
    }

    #[test]
    fn the_last_batch_says_so() {
        check(&[1, 2], true, &[1, 2], false);
    }
}
