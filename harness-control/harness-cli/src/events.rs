//! What a member prints: lines for people, or JSON for programs.

use harness_control::{Ended, Event};
use harness_ring::MemberId;
use serde_json::{Value, json};

/// One event as an object.
pub(crate) fn as_json(event: &Event) -> Value {
    match event {
        Event::View {
            position,
            digest,
            epoch,
            members,
            joined,
            left,
            excluded,
            ..
        } => {
            json!({
                "event": "view", "position": position, "digest": opaque(*digest), "epoch": epoch, "members": names(members),
                "joined": names(joined), "left": names(left), "excluded": names(excluded),
            })
        }
        Event::Delivered {
            position,
            digest,
            origin,
            word,
            flushed,
        } => json!({
            "event": "delivered", "position": position, "digest": opaque(*digest), "origin": origin.to_string(),
            "bytes": word.len(), "flushed": flushed,
        }),
        Event::Outcome { number, answer } => json!({
            "event": "outcome", "number": number, "position": answer.position, "done": answer.done,
        }),
        Event::Loaded {
            position,
            digest,
            bytes,
        } => {
            json!({"event": "loaded", "position": position, "digest": opaque(*digest), "bytes": bytes})
        }
        Event::Suspected {
            member,
            name,
            reason,
        } => json!({
            "event": "suspected", "member": member.to_string(), "name": name, "reason": reason,
        }),
        Event::Retracted { member, name } => json!({
            "event": "retracted", "member": member.to_string(), "name": name,
        }),
        Event::Blocked(why) => json!({"event": "blocked", "why": format!("{why:?}")}),
        Event::Unblocked => json!({"event": "unblocked"}),
        Event::Excluded(why) => json!({"event": "excluded", "why": format!("{why:?}")}),
        Event::Ended(how) => json!({"event": "ended", "how": ended(*how)}),
        other => json!({"event": "other", "what": format!("{other:?}")}),
    }
}

/// An opaque number of 64 bits, as text: programs that keep numbers as floating point would lose digits of it.
pub(crate) fn opaque(number: u64) -> String {
    format!("{number:016x}")
}

/// One event as a line; none for what only programs want.
pub(crate) fn as_line(event: &Event) -> Option<String> {
    Some(match event {
        Event::View {
            epoch,
            members,
            joined,
            left,
            excluded,
            ..
        } => {
            let mut line = format!("view {epoch}: {}", names(members).join(" "));
            for (word, who) in [("joined", joined), ("left", left), ("lost", excluded)] {
                if !who.is_empty() {
                    line.push_str(&format!("; {word} {}", names(who).join(" ")));
                }
            }
            line
        }
        Event::Loaded {
            position, bytes, ..
        } => format!("state loaded: {bytes} bytes, up to position {position}"),
        Event::Suspected { name, reason, .. } => format!("suspected: {name} ({reason})"),
        Event::Retracted { name, .. } => format!("heard again: {name}"),
        Event::Blocked(why) => format!("blocked: {why}; see 'harness force-view --help'"),
        Event::Unblocked => "not blocked any more".to_owned(),
        Event::Excluded(why) => format!("excluded by the others ({why:?})"),
        Event::Ended(how) => format!("ended: {}", ended(*how)),
        _ => return None,
    })
}

fn names(members: &[(MemberId, String)]) -> Vec<&str> {
    members.iter().map(|(_, name)| name.as_str()).collect()
}

fn ended(how: Ended) -> &'static str {
    match how {
        Ended::Left => "left",
        Ended::Excluded => "excluded",
        Ended::NotTaken => "not taken in",
        Ended::Shutdown => "shut down",
        Ended::Failed => "failed",
    }
}
