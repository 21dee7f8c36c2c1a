//! Coming in: looks what is there, then founds the group or joins it, in one transaction that only one process can win.

use etcd_client::{Compare, CompareOp, PutOptions, TxnOp, WatchOptions};
use harness_control::{Refused, slot_of};
use harness_ring::MemberId;

use crate::checkpoint::{Draft, NoState, read_state};
use crate::config::EtcdConfig;
use crate::record::{Checkpoint, MemberRecord, read_lives, write_lives};
use crate::speaker::Voice;
use crate::store::{Store, StoreError, in_full, in_time};

/// What is there for a process that comes.
pub(crate) struct Survey {
    /// Who it will be.
    pub(crate) me: MemberId,
    /// The state; none: there is no group yet.
    pub(crate) state: Option<(Checkpoint, Vec<u8>)>,
    /// The revision that the state includes the log up to.
    pub(crate) applied: i64,
    lives_modified: i64,
}

/// Why a process cannot come in now.
#[derive(Debug)]
pub(crate) enum NotIn {
    /// It may work later.
    Later(String),
    /// It will not.
    Never(Refused),
}

impl From<StoreError> for NotIn {
    fn from(error: StoreError) -> NotIn {
        let text = in_full(&error);
        match error.is_final() {
            true => NotIn::Never(Refused::Limit(text)),
            false => NotIn::Later(text),
        }
    }
}

/// Looks what is there; waits while the name is in use.
pub(crate) async fn survey(
    store: &Store,
    config: &EtcdConfig,
    kind: &str,
) -> Result<Survey, NotIn> {
    let slot = slot_of(&config.name);
    wait_for_name(store, config, slot).await?;
    let lives = store.get(store.keys.lives(slot)).await?;
    let (lives, lives_modified) = match lives {
        None => (0, 0),
        Some(found) => {
            let lives = read_lives(&found.value).map_err(|malformed| damaged(&malformed))?;
            (lives, found.modified)
        }
    };
    let me = MemberId {
        slot,
        incarnation: lives,
    };
    let mut survey = Survey {
        me,
        state: None,
        applied: 0,
        lives_modified,
    };
    if let Some(found) = store.get(store.keys.checkpoint()).await? {
        let checkpoint = Checkpoint::read(&found.value, &config.wire)
            .map_err(|malformed| damaged(&malformed))?;
        if checkpoint.kind != kind {
            return Err(NotIn::Never(Refused::Different(format!(
                "the replicated state differs: {:?} there, {kind:?} here",
                checkpoint.kind
            ))));
        }
        let state = read_state(store, config, &checkpoint).await;
        let state = state.map_err(|why| match why {
            NoState::Store(error) => NotIn::from(error),
            NoState::Damaged(why) => NotIn::Never(Refused::Limit(why)),
            NoState::Replaced => NotIn::Later("the state was replaced meanwhile".to_owned()),
        })?;
        let applied = checkpoint.applied.and_then(|at| i64::try_from(at).ok());
        survey.applied = applied.unwrap_or(found.modified);
        survey.state = Some((checkpoint, state));
    }
    Ok(survey)
}

/// Comes in. None: another process was quicker, and all may be different now. `draft`: the state of a founder.
pub(crate) async fn enter(
    store: &Store,
    config: &EtcdConfig,
    survey: &Survey,
    draft: Option<&Draft>,
    lease: i64,
) -> Result<Option<Voice>, NotIn> {
    let MemberId { slot, incarnation } = survey.me;
    let record = MemberRecord {
        incarnation,
        name: config.name.clone(),
    };
    let next = incarnation.checked_add(1).ok_or_else(|| {
        NotIn::Never(Refused::Limit(
            "a member of this name was there too often".to_owned(),
        ))
    })?;
    let said = store.get(store.keys.say(slot)).await?;
    let member = store.keys.member(slot);
    let lives = store.keys.lives(slot);
    let mut when = vec![
        Compare::create_revision(member.clone(), CompareOp::Equal, 0),
        Compare::mod_revision(lives.clone(), CompareOp::Equal, survey.lives_modified),
    ];
    let leased = PutOptions::new().with_lease(lease);
    let mut then = vec![
        TxnOp::put(member, record.write(), Some(leased)),
        TxnOp::put(lives, write_lives(next), None),
    ];
    if let Some(draft) = draft {
        draft.write_parts(store, config).await?;
        let key = store.keys.checkpoint();
        when.push(Compare::create_revision(key, CompareOp::Equal, 0));
        then.push(draft.record(store));
    }
    let entered = store.transact("joining", when, then).await?;
    Ok(entered.is_done.then(|| Voice {
        slot,
        incarnation,
        joined: entered.revision,
        last: said.map_or(0, |found| found.modified),
    }))
}

/// Waits until no member has this slot: it leaves, or its lease runs out.
async fn wait_for_name(store: &Store, config: &EtcdConfig, slot: u32) -> Result<(), NotIn> {
    let key = store.keys.member(slot);
    while let Some(found) = store.get(key.clone()).await? {
        let record = MemberRecord::read(&found.value).map_err(|malformed| damaged(&malformed))?;
        if record.name != config.name {
            let text = format!(
                "{:?} stands for the same slot as {:?}: choose another name",
                config.name, record.name
            );
            return Err(NotIn::Never(Refused::Taken(text)));
        }
        tracing::debug!(target: "harness::etcd", name = config.name, "waiting for an earlier member of this name to go");
        let options = WatchOptions::new().with_start_revision(found.modified + 1);
        let mut watch = store.client.watch_client();
        let opening = watch.watch(key.clone(), Some(options));
        let mut changes = in_time("waiting for a name", config.request_within, opening).await?;
        // Any answer is a reason to look again: a change, a compaction, a connection that broke.
        loop {
            match changes.message().await {
                Ok(Some(answer)) if answer.created() && !answer.canceled() => {}
                _ => break,
            }
        }
    }
    Ok(())
}

fn damaged(malformed: &harness_control::wire::Malformed) -> NotIn {
    let text = format!("a value in etcd is none of ours: {malformed}");
    NotIn::Never(Refused::Limit(text))
}
