//! A member that a test plays with by hand.

use harness_control::wire::WireLimits;
use harness_control::{
    Active, Answer, Asked, Change, ControlError, ControlLimits, Event, Events, Machine, Membership,
    Order, RestoreError, Status, SubmitError,
};
use harness_etcd::{EtcdConfig, EtcdOrder};

use crate::support::runtime;

/// All payloads, each on a line.
pub(crate) struct Lines(pub(crate) &'static str, Vec<u8>);

impl Machine for Lines {
    fn kind(&self) -> String {
        self.0.to_owned()
    }

    fn apply(&mut self, change: &Change<'_>) -> Vec<u8> {
        self.1.extend_from_slice(change.payload);
        self.1.push(b'\n');
        Vec::new()
    }

    fn query(&self, _question: &[u8]) -> Vec<u8> {
        self.1.clone()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.1.clone()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        self.1 = state.to_vec();
        Ok(())
    }
}

pub(crate) struct Member {
    pub(crate) order: EtcdOrder,
    events: Events,
}

impl Member {
    pub(crate) async fn start(config: EtcdConfig) -> Member {
        let member = Member::begin(config, "lines").await;
        let ready = member.order.ready().await;
        ready.unwrap_or_else(|error| panic!("{error}: {error:?}"));
        member
    }

    /// The same without waiting until it takes part.
    pub(crate) async fn begin(config: EtcdConfig, kind: &'static str) -> Member {
        let waiting_max = ControlLimits::default().waiting_max;
        let lines = Lines(kind, Vec::new());
        let replica = Active::new(lines, waiting_max, WireLimits::default());
        let order = EtcdOrder::start(&runtime(), config, Box::new(replica)).await;
        let order = order.expect("the configuration is right");
        Member {
            events: order.events(),
            order,
        }
    }

    pub(crate) async fn refused(config: EtcdConfig, kind: &'static str) -> ControlError {
        let member = Member::begin(config, kind).await;
        match member.order.ready().await {
            Ok(()) => panic!("it is in"),
            Err(error) => error,
        }
    }

    pub(crate) fn submit(
        &self,
        text: &str,
    ) -> impl Future<Output = Result<Answer, SubmitError>> + '_ {
        self.order.submit(Asked {
            payload: text.as_bytes().to_vec(),
            performers: Vec::new(),
            quorum: None,
            domain: 0,
        })
    }

    pub(crate) async fn done(&self, text: &str) {
        let answer = self.submit(text).await;
        let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(answer.done);
    }

    pub(crate) async fn status(&self) -> Status {
        self.order.status().await.expect("it has not ended")
    }

    pub(crate) async fn count(&self, what: &str) -> u64 {
        self.status().await.counts.get(what).copied().unwrap_or(0)
    }

    pub(crate) async fn wait(&mut self, mut is_it: impl FnMut(&Event) -> bool) -> Event {
        loop {
            let event = self.events.next().await.expect("not lagged");
            let event = event.expect("it has not ended");
            if is_it(&event) {
                return event;
            }
        }
    }

    /// The lines, once they are so many.
    pub(crate) async fn lines(&self, count: usize) -> Vec<String> {
        loop {
            let state = self.order.query(Vec::new()).await.unwrap_or_default();
            let text = String::from_utf8(state).expect("text");
            let lines: Vec<_> = text.lines().map(str::to_owned).collect();
            if lines.len() >= count {
                return lines;
            }
            tokio::task::yield_now().await;
        }
    }
}
