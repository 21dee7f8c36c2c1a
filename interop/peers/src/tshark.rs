//! tshark as a judge: given what two ends said, it says what it reads in it and what it finds wrong.
//! It captures nothing from a network. Programs it knows (portmapper, MOUNT, NFS, rstat and others)
//! are read whole; of others only the RPC header is.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::capture::Capture;
use crate::error::PeerError;
use crate::peer::Peer;
use crate::process::{run, shown};

const LIMIT: Duration = Duration::from_secs(120);

/// From which severity on an expert's note is a complaint: tshark's number of "note".
const NOTE: u64 = 0x0040_0000;

const COMPLAINTS: [&str; 5] = [
    "frame.protocols",
    "_ws.expert.message",
    "_ws.expert.severity",
    "_ws.malformed",
    "_ws.unreassembled",
];

/// What tshark reads in one packet. One that starts a record but does not end it has no fields of
/// RPC: those are at the packet that ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DissectedPacket {
    /// The protocols, outermost first, without the frame itself: `ip`, `tcp`, `rpc`, `portmap`.
    pub protocols: Vec<String>,
    /// What tshark finds wrong: malformed packets, and notes, warnings and errors of its experts.
    pub complaints: Vec<String>,
    fields: BTreeMap<String, Vec<String>>,
}

impl DissectedPacket {
    /// The values of a field that was asked for, in their order; of several records in one packet,
    /// one after the other.
    pub fn values(&self, field: &str) -> &[String] {
        self.fields.get(field).map_or(&[], Vec::as_slice)
    }

    /// True when it has this protocol.
    pub fn has(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|one| one == protocol)
    }
}

/// Lets tshark read a capture as RPC, and returns its packets with the values of `fields`, by
/// tshark's names: `rpc.xid`, `rpc.msgtyp`, `rpc.program`, `rpc.programversion`, `rpc.procedure`,
/// `rpc.replystat`, `rpc.state_accept`, `rpc.auth.flavor`, `rpc.auth.uid`, `nfs.name` and so on
/// (`tshark -G fields` lists all).
///
/// # Errors
///
/// When tshark fails, does not know a field, or writes what is not understood.
///
/// # Blocking
///
/// For a second: tshark is slow to start.
pub fn dissect(capture: &Capture, fields: &[&str]) -> Result<Vec<DissectedPacket>, PeerError> {
    dissect_as("rpc", capture, fields)
}

/// The same as another protocol by tshark's name for it, such as `http`.
///
/// # Errors
///
/// When tshark fails, does not know the protocol or a field, or writes what is not understood.
///
/// # Blocking
///
/// For a second: tshark is slow to start.
pub fn dissect_as(
    protocol: &str,
    capture: &Capture,
    fields: &[&str],
) -> Result<Vec<DissectedPacket>, PeerError> {
    Peer::Tshark.require()?;
    let folder = TempDir::with_prefix("tshark-").map_err(PeerError::file("/tmp"))?;
    let file = folder.path().join("capture.pcap");
    fs::write(&file, capture.to_pcap()).map_err(PeerError::file(&file))?;
    let transport = if capture.is_stream() { "tcp" } else { "udp" };
    let mut command = Command::new("tshark");
    command
        // Nobody's preferences.
        .env("HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .args(["-n", "-2", "-o", "rpc.find_fragment_start:TRUE"])
        .args(["-o", "rpc.dissect_unknown_programs:TRUE", "-d"])
        .arg(format!(
            "{transport}.port=={},{protocol}",
            capture.server_port()
        ))
        .args(["-T", "json"]);
    for field in COMPLAINTS.iter().chain(fields) {
        command.args(["-e", field]);
    }
    command.arg("-r").arg(&file);
    let text = run(&mut command, LIMIT, &mut |_line| {})?.join("\n");
    let packets = serde_json::from_str::<Vec<Value>>(&text).ok();
    let packets = packets.and_then(|packets| packets.iter().map(packet).collect());
    packets.ok_or_else(|| PeerError::NotUnderstood {
        command: shown(&command),
        output: text,
    })
}

fn packet(value: &Value) -> Option<DissectedPacket> {
    let mut fields = BTreeMap::new();
    for (name, values) in value["_source"]["layers"].as_object()? {
        let values = values.as_array()?.iter();
        let values = values.map(|value| Some(value.as_str()?.to_owned()));
        fields.insert(name.clone(), values.collect::<Option<Vec<_>>>()?);
    }
    let mut taken = |name: &str| fields.remove(name).unwrap_or_default();
    let protocols = taken("frame.protocols");
    let protocols = protocols.iter().flat_map(|chain| chain.split(':'));
    let protocols = protocols.map(ToOwned::to_owned).collect();
    let [messages, severities, malformed, unreassembled] = [
        taken("_ws.expert.message"),
        taken("_ws.expert.severity"),
        taken("_ws.malformed"),
        taken("_ws.unreassembled"),
    ];
    let mut complaints = Vec::new();
    for (message, severity) in messages.into_iter().zip(severities) {
        if severity
            .parse()
            .ok()
            .is_none_or(|number: u64| number >= NOTE)
        {
            complaints.push(message);
        }
    }
    complaints.extend(malformed);
    complaints.extend(unreassembled);
    Some(DissectedPacket {
        protocols,
        complaints,
        fields,
    })
}
