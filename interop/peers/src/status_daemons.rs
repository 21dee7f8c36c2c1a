//! The system's rpc.rstatd and rpc.rusersd, servers of `rpcsvc/rstat.x` and `rpcsvc/rusers.x` over
//! UDP, and the C clients `rup` and `rusers` that know what they answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::PeerError;
use crate::namespace::Namespace;
use crate::peer::Peer;
use crate::process::run;
use crate::rpcbind::Rpcbind;
use crate::rpcinfo::Rpcinfo;

const READY_LIMIT: Duration = Duration::from_secs(60);
const CLIENT_LIMIT: Duration = Duration::from_secs(120);

/// rpc.rstatd: program 100001, versions 1, 2, 3 and 5 over UDP; version 4 is a hole.
pub const RSTAT_PROGRAM: u32 = 100_001;

/// rpc.rusersd: program 100002, versions 2 and 3 over UDP.
pub const RUSERS_PROGRAM: u32 = 100_002;

/// rpc.rstatd and rpc.rusersd beside an rpcbind. They end with the namespace.
#[derive(Debug)]
pub struct StatusDaemons {
    namespace: Arc<Namespace>,
}

impl StatusDaemons {
    /// Starts both in the namespace of this rpcbind, and waits until they answer.
    ///
    /// # Errors
    ///
    /// When one does not answer within a minute.
    pub fn start(rpcbind: &Rpcbind) -> Result<Self, PeerError> {
        Peer::StatusDaemons.require()?;
        let namespace = Arc::clone(rpcbind.namespace());
        let rpcinfo = Rpcinfo::in_namespace(&namespace);
        for (daemon, program, version) in [
            ("rpc.rstatd", RSTAT_PROGRAM, 3),
            ("rpc.rusersd", RUSERS_PROGRAM, 3),
        ] {
            namespace.start_background(daemon)?;
            let deadline = Instant::now() + READY_LIMIT;
            while let Err(error) = rpcinfo.ping("udp", "127.0.0.1", program, Some(version)) {
                if Instant::now() >= deadline {
                    return Err(error);
                }
            }
        }
        Ok(Self { namespace })
    }

    /// What the C client `rup` prints about the host: name, up time, users and load, as it got them
    /// from rpc.rstatd.
    ///
    /// # Errors
    ///
    /// When it fails or prints nothing.
    pub fn rup(&self) -> Result<String, PeerError> {
        let mut command = self.namespace.command("rup");
        let lines = run(command.arg("127.0.0.1"), CLIENT_LIMIT, &mut |_line| {})?;
        Ok(lines.join("\n"))
    }

    /// The lines the C client `rusers -l` prints, one for each user who is logged in.
    ///
    /// # Errors
    ///
    /// When it fails.
    pub fn rusers(&self) -> Result<Vec<String>, PeerError> {
        let mut command = self.namespace.command("rusers");
        command.args(["-l", "127.0.0.1"]);
        Ok(run(&mut command, CLIENT_LIMIT, &mut |_line| {})?)
    }
}
