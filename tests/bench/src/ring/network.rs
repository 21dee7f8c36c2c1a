//! Where members run: each in a network namespace of its own, all on one bridge; or, without the rights of root, on
//! loopback addresses. Namespaces are held by processes that end with this one, so nothing is left behind.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::error::BenchError;

/// Holds the bridge until standard input ends.
const HUB: &str = "ip link set lo up && ip link add hub type bridge && ip link set hub up && \
     echo READY && exec cat > /dev/null";
/// Holds one member's namespace: folders of its own keep fixed paths of daemons apart.
const MEMBER: &str = "ip link set lo up && mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /dev/shm && \
     mkdir -p /run/lock /run/corosync && echo READY && exec cat > /dev/null";

/// The network of one group.
pub(crate) enum Network {
    /// The bridge's holder, and the members'.
    Namespaces { _hub: Holder, members: Vec<Holder> },
    /// So many addresses of the loopback interface.
    Loopback,
}

impl Network {
    /// A network for so many members.
    pub(crate) fn start(members: usize) -> Result<Network, BenchError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Network::Loopback);
        }
        let hub = Holder::start(HUB)?;
        let mut holders = Vec::new();
        for index in 0..members {
            let member = Holder::start(MEMBER)?;
            connect(&hub, &member, index)?;
            holders.push(member);
        }
        Ok(Network::Namespaces {
            _hub: hub,
            members: holders,
        })
    }

    /// A member's address.
    pub(crate) fn address(&self, member: usize) -> String {
        match self {
            Network::Namespaces { .. } => format!("10.77.0.{}", member + 1),
            Network::Loopback => format!("127.0.77.{}", member + 1),
        }
    }

    /// A command that runs a program where a member is. It dies with this process. Corosync puts itself into the
    /// real-time class, so all are put there where that is allowed: what else the machine does holds up none of them.
    pub(crate) fn command(&self, member: usize, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let dies = ["setpriv", "--pdeathsig", "KILL", "--"];
        let mut command = match self {
            Network::Namespaces { members, .. } => {
                let mut command = members[member].enter();
                command.arg("--").args(dies).args(["chrt", "--rr", "1"]);
                command
            }
            Network::Loopback => {
                let mut command = Command::new(dies[0]);
                command.args(&dies[1..]);
                command
            }
        };
        command.arg(program);
        command
    }

    /// Whether members have networks of their own.
    pub(crate) fn is_apart(&self) -> bool {
        matches!(self, Network::Namespaces { .. })
    }

    /// For people.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Network::Namespaces { .. } => {
                "each member in a network namespace of its own on one bridge, real-time class"
            }
            Network::Loopback => "members on loopback addresses, for want of the rights of root",
        }
    }
}

/// A pair of interfaces: one end in the member's namespace, the other on the bridge.
fn connect(hub: &Holder, member: &Holder, index: usize) -> Result<(), BenchError> {
    let (port, address) = (format!("port{index}"), format!("10.77.0.{}/24", index + 1));
    let (inside, outside) = (member.pid().to_string(), hub.pid().to_string());
    let mut pair = Command::new("ip");
    pair.args(["link", "add", "link0", "netns", &inside, "type", "veth"]);
    pair.args(["peer", "name", &port, "netns", &outside]);
    done(&mut pair)?;
    let mut hub = hub.enter();
    done(hub.args(["--", "sh", "-c"]).arg(format!(
        "ip link set {port} master hub && ip link set {port} up"
    )))?;
    let mut member = member.enter();
    done(member.args(["--", "sh", "-c"]).arg(format!(
        "ip addr add {address} dev link0 && ip link set link0 up"
    )))
}

fn done(command: &mut Command) -> Result<(), BenchError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output = output.map_err(|source| BenchError::NotStarted {
        program: program.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(BenchError::Answer {
        program,
        said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// A process that holds a network and a mount namespace until it is dropped, or this process ends.
pub(crate) struct Holder {
    child: Child,
    _input: ChildStdin,
}

impl Holder {
    fn start(script: &str) -> Result<Holder, BenchError> {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "sh", "-c", script]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|source| BenchError::NotStarted {
            program: "unshare".to_owned(),
            source,
        })?;
        let input = child.stdin.take().expect("standard input is a pipe");
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let holder = Holder {
            child,
            _input: input,
        };
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        read.map_err(BenchError::system("reading from unshare"))?;
        match line.trim() {
            "READY" => Ok(holder),
            _ => Err(BenchError::Answer {
                program: "unshare".to_owned(),
                said: "no namespace could be made".to_owned(),
            }),
        }
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A command that goes on in these namespaces, as the same process.
    fn enter(&self) -> Command {
        let path = |kind: &str| PathBuf::from(format!("/proc/{}/ns/{kind}", self.pid()));
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--net={}", path("net").display()))
            .arg(format!("--mount={}", path("mnt").display()));
        command
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // It can only be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
