//! One life of a member: from coming in to going.

use harness_control::{Event, Replication};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Driver, Phase};
use crate::checkpoint::Draft;
use crate::config::EtcdConfig;
use crate::enter::{self, NotIn, Survey};
use crate::log::{self, Heard};
use crate::speaker::{Said, Voice, speak};
use crate::store::Store;
use crate::view::Members;
use crate::{checkpoint, lease};

/// What belongs to one life; dropped, it is as if the process had crashed.
pub(super) struct Life {
    pub(super) store: Store,
    pub(super) lease: i64,
    pub(super) say: mpsc::UnboundedSender<Said>,
    pub(super) joined: i64,
    heard: mpsc::Receiver<Heard>,
    tasks: Vec<JoinHandle<()>>,
    /// The position of the last checkpoint that this member knows of, and one under way.
    pub(super) checkpointed: u64,
    pub(super) drafting: Option<JoinHandle<Option<u64>>>,
}

impl Drop for Life {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        if let Some(drafting) = &self.drafting {
            drafting.abort();
        }
    }
}

/// Why a life has ended.
pub(super) enum End {
    /// In order.
    Left,
    /// The lease had run out.
    Lost,
    /// etcd has forgotten what this member had not read.
    Behind,
    /// Nobody holds this member any more.
    Shutdown,
}

/// A process that came in.
pub(super) struct Entered {
    store: Store,
    lease: Keeping,
    survey: Survey,
    voice: Voice,
    members: Members,
    loaded: Option<u64>,
}

/// A lease that is kept from the time on that it is granted: a large state takes its time to write.
struct Keeping {
    id: i64,
    task: Option<JoinHandle<()>>,
}

impl Drop for Keeping {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Looks what is there, gives it to the replica, and comes in.
pub(super) async fn enter(
    config: &EtcdConfig,
    replica: &mut Box<dyn Replication>,
) -> Result<Entered, NotIn> {
    let store = Store::open(config).await?;
    let kind = replica.kind();
    let survey = enter::survey(&store, config, &kind).await?;
    let (members, loaded, draft) = match &survey.state {
        Some((checkpoint, image)) => {
            let loading = replica.load(survey.me, image);
            loading.map_err(|error| {
                NotIn::Never(harness_control::Refused::Limit(error.to_string()))
            })?;
            let members = Members::new(checkpoint.members.clone(), checkpoint.epoch);
            (members, Some(image.len() as u64), None)
        }
        None => {
            replica.found(survey.me, &[survey.me]);
            let mut members = Members::default();
            members.join(survey.me, config.name.clone());
            let position = replica.position();
            let draft = Draft::new(config, kind, &members, position, None, replica.image());
            (members, None, Some(draft))
        }
    };
    let id = store.grant(config.lease).await?;
    let keeping = lease::keep(store.clone(), config.clone(), id);
    let lease = Keeping {
        id,
        task: Some(tokio::spawn(keeping)),
    };
    let voice = enter::enter(&store, config, &survey, draft.as_ref(), id).await?;
    let voice =
        voice.ok_or_else(|| NotIn::Later("another process was quicker to come in".to_owned()))?;
    Ok(Entered {
        store,
        lease,
        survey,
        voice,
        members,
        loaded,
    })
}

impl Driver {
    /// Begins a life.
    pub(super) fn start(&mut self, entered: Entered) {
        let Entered {
            store,
            mut lease,
            survey,
            voice,
            members,
            loaded,
        } = entered;
        let config = self.shared.config.clone();
        self.me = survey.me;
        self.members = members;
        self.next_request = 1;
        self.ordered = 0;
        self.leaving.clear();
        self.silence = None;
        self.applied = if loaded.is_some() {
            survey.applied
        } else {
            voice.joined
        };
        let (say, words) = mpsc::unbounded_channel();
        let (told, heard) = mpsc::channel(HEARD_MAX);
        let joined = voice.joined;
        let reading = log::read(store.clone(), config.clone(), self.applied, told);
        let speaking = speak(store.clone(), config, voice, words);
        let mut tasks = vec![tokio::spawn(reading), tokio::spawn(speaking)];
        tasks.extend(lease.task.take());
        self.life = Some(Life {
            store,
            lease: lease.id,
            say,
            joined,
            heard,
            tasks,
            checkpointed: self.replica.position(),
            drafting: None,
        });
        self.came_in(loaded);
    }

    fn came_in(&mut self, loaded: Option<u64>) {
        let (position, digest) = (self.replica.position(), self.replica.digest());
        match loaded {
            Some(bytes) => {
                self.count("states loaded");
                tracing::info!(target: "harness", position, bytes, "state loaded from etcd");
                self.emit(Event::Loaded {
                    position,
                    digest,
                    bytes,
                });
            }
            None => {
                tracing::info!(target: "harness", name = self.shared.config.name, id = %self.me, "founded a group at etcd");
                let me = (self.me, self.shared.config.name.clone());
                let event = self.view_event(vec![me], Vec::new(), Vec::new());
                self.emit(event);
                self.shared.phase.send_replace(Phase::Member);
            }
        }
        self.carry_out();
    }

    /// Takes the log and commands until this life ends.
    pub(super) async fn live(&mut self) -> End {
        loop {
            let Some(life) = &mut self.life else {
                return End::Shutdown;
            };
            let drafted = async {
                match &mut life.drafting {
                    Some(drafting) => drafting.await.ok().flatten(),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.shared.told_to_end() => return End::Shutdown,
                heard = life.heard.recv() => match heard {
                    Some(Heard::Changes(changes)) => {
                        for change in changes {
                            if let Some(end) = self.change(change) {
                                return end;
                            }
                        }
                        self.checkpoint_if_due();
                    }
                    Some(Heard::Compacted) => {
                        self.count("compactions missed");
                        tracing::warn!(target: "harness", "etcd has forgotten a part of the log that was not read here: starting over");
                        return End::Behind;
                    }
                    Some(Heard::Lost(why)) => {
                        self.count("connections lost");
                        tracing::warn!(target: "harness", why, "etcd is not heard");
                        self.silence = Some(why);
                    }
                    Some(Heard::Back) => self.silence = None,
                    None => return End::Shutdown,
                },
                position = drafted => {
                    life.drafting = None;
                    if let Some(position) = position {
                        life.checkpointed = position;
                        self.count("checkpoints");
                    }
                }
                command = self.commands.recv() => match command {
                    Some(command) => self.command(command),
                    None => return End::Shutdown,
                },
            }
        }
    }

    /// The first member writes down the state when the log since the last one is long enough.
    fn checkpoint_if_due(&mut self) {
        let config = &self.shared.config;
        let is_mine = self.members.first() == Some(self.me);
        let position = self.replica.position();
        let Some(life) = &mut self.life else { return };
        let is_due = position >= life.checkpointed.saturating_add(config.checkpoint_every);
        if !is_mine || !is_due || life.drafting.is_some() {
            return;
        }
        let image = self.replica.image();
        if image.len() as u64 > config.state_bytes_max {
            tracing::error!(target: "harness", bytes = image.len(), bytes_max = config.state_bytes_max, "the state is too large for a checkpoint: the log grows on");
            life.checkpointed = position;
            return;
        }
        let kind = self.replica.kind();
        let applied = Some(self.applied);
        let draft = Draft::new(config, kind, &self.members, position, applied, image);
        let writing = write(
            life.store.clone(),
            config.clone(),
            draft,
            self.me.slot,
            life.joined,
        );
        life.drafting = Some(tokio::spawn(writing));
    }
}

/// Writes a checkpoint, and has etcd forget what it includes; the position, when it is there.
async fn write(
    store: Store,
    config: EtcdConfig,
    draft: Draft,
    slot: u32,
    joined: i64,
) -> Option<u64> {
    let key = store.keys.member(slot);
    let writer = etcd_client::Compare::create_revision(key, etcd_client::CompareOp::Equal, joined);
    let written = async {
        let Some(before) = checkpoint::replace(&store, &config, &draft, writer).await? else {
            return Ok(None);
        };
        checkpoint::remove_earlier(&store, &draft).await?;
        // Who has just loaded the state before this one can still read on.
        if config.compact && before > 0 {
            store.compact(before).await?;
        }
        Ok(Some(draft.checkpoint.position))
    };
    match written.await {
        Ok(position) => position,
        Err(error) => {
            let error: crate::store::StoreError = error;
            tracing::warn!(target: "harness", error = crate::store::in_full(&error), "no checkpoint this time");
            None
        }
    }
}

/// Answers of etcd that were read and not taken yet; then it is not read.
const HEARD_MAX: usize = 64;
