//! What is required of the addressing of a request, where its answer goes, and what is required of an answer.

use super::properties::{Properties, Recipient};
use super::{Addressing, Edition, MessageId, Parameters, Violation, write};
use crate::envelope::Version;

/// What the operation that a body calls expects of the addressing.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    /// The action of its requests.
    pub(crate) action: &'a str,
    /// What HTTP says of the action, empty for nothing.
    pub(crate) said: &'a str,
    /// Whether an answer is waited for.
    pub(crate) answered: bool,
    /// The object that is here.
    pub(crate) object: u64,
}

/// Checks a request.
///
/// # Errors
/// The first rule that it breaks.
pub(crate) fn check_request(
    found: &Properties,
    addressing: Addressing,
    expected: &Expected<'_>,
) -> Result<(), Violation> {
    let Some(edition) = found.edition else {
        return match addressing {
            Addressing::Required(_) => Err(Violation::Missing("Action")),
            Addressing::Off | Addressing::On(_) => Ok(()),
        };
    };
    if let Some(violation) = &found.violation {
        return Err(violation.clone());
    }
    let Some(action) = &found.action else {
        return Err(Violation::Missing("Action"));
    };
    for (name, recipient) in [("ReplyTo", &found.reply_to), ("FaultTo", &found.fault_to)] {
        if let Some(recipient) = recipient
            && !recipient.is_anonymous(edition)
            && !recipient.is_nobody(edition)
        {
            return Err(Violation::Elsewhere(name));
        }
    }
    let dropped = found
        .reply_to
        .as_ref()
        .is_some_and(|to| to.is_nobody(edition));
    if expected.answered && !dropped && found.message_id.is_none() {
        return Err(Violation::Missing("MessageID"));
    }
    if !expected.said.is_empty() && expected.said != action {
        return Err(Violation::ActionMismatch);
    }
    if expected.action != action {
        return Err(Violation::ActionNotSupported {
            found: action.clone(),
            expected: expected.action.to_owned(),
        });
    }
    match &found.object {
        Some(object) if *object != expected.object.to_string() => Err(Violation::OtherObject),
        _ => Ok(()),
    }
}

/// What an answer relates to whose request could not be read so far as its id (core, 3.2; SOAP binding, 6).
const UNSPECIFIED: &str = "http://www.w3.org/2005/08/addressing/unspecified";

/// Checks an answer to the message of this id.
///
/// # Errors
/// It is not one, as a sentence.
pub(crate) fn check_answer(
    found: &Properties,
    addressing: Addressing,
    sent: MessageId,
    is_fault: bool,
) -> Result<(), String> {
    if let Some(violation) = &found.violation {
        return Err(format!(
            "the answer's addressing is wrong: {}",
            violation.reason()
        ));
    }
    let required = matches!(addressing, Addressing::Required(_));
    if found.relates_to.is_empty() {
        // Whoever could not read a request cannot tell which one it was.
        if is_fault || (found.edition.is_none() && !required) {
            return Ok(());
        }
        return Err("the answer does not say which message it answers (wsa:RelatesTo)".to_owned());
    }
    let sent = sent.to_string();
    // A fault that answers a message without an id says so, too.
    let is_unspecified = is_fault && found.relates_to.iter().any(|one| one == UNSPECIFIED);
    if is_unspecified || found.relates_to.contains(&sent) {
        return Ok(());
    }
    Err("the answer says that it answers another message (wsa:RelatesTo)".to_owned())
}

impl Recipient {
    fn is_anonymous(&self, edition: Edition) -> bool {
        self.address == edition.anonymous()
    }

    fn is_nobody(&self, edition: Edition) -> bool {
        edition.none() == Some(self.address.as_str())
    }
}

/// Where the answer to a request goes, and what it says of it.
#[derive(Debug)]
pub(crate) struct Way {
    edition: Edition,
    relates_to: Option<String>,
    reply: Destination,
    fault: Destination,
}

#[derive(Debug)]
enum Destination {
    /// Back on the connection, with these parameters.
    Here(Parameters),
    /// Nowhere.
    Nobody,
}

impl Way {
    /// The way of the answer to this request; none when it has no addressing.
    pub(crate) fn of(found: Properties) -> Option<Way> {
        let edition = found.edition?;
        let to = |recipient: Recipient| match recipient.is_nobody(edition) {
            true => Destination::Nobody,
            // Any other than the anonymous address is refused here.
            false => Destination::Here(recipient.parameters),
        };
        let reply = found.reply_to.map_or_else(Destination::here, to);
        let fault = match found.fault_to {
            Some(recipient) => to(recipient),
            None => match &reply {
                Destination::Here(parameters) => Destination::Here(parameters.clone()),
                Destination::Nobody => Destination::Nobody,
            },
        };
        Some(Way {
            edition,
            relates_to: found.message_id,
            reply,
            fault,
        })
    }

    pub(crate) fn edition(&self) -> Edition {
        self.edition
    }

    /// The header blocks of an answer, or of a fault.
    pub(crate) fn headers(&self, action: &str, id: MessageId, is_fault: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        write::put_answer(
            self.edition,
            action,
            id,
            self.relates_to.as_deref(),
            &mut out,
        );
        if let Destination::Here(parameters) = self.destination(is_fault) {
            parameters.put_as_headers(self.edition, &mut out);
        }
        out
    }

    /// The header blocks of a fault that refuses a request for its addressing, and the detail of the fault: SOAP 1.1 has
    /// details of headers in a header.
    pub(crate) fn refusal(
        &self,
        violation: &Violation,
        id: MessageId,
        version: Version,
    ) -> (Vec<u8>, Vec<u8>) {
        let mut headers = self.headers(write::violation_action(self.edition), id, true);
        let detail = violation.detail(self.edition);
        if version == Version::Soap12 || detail.is_empty() {
            return (headers, detail);
        }
        write::put_fault_detail(self.edition, &detail, &mut headers);
        (headers, Vec::new())
    }

    /// The action of faults that are not about addressing.
    pub(crate) fn fault_action(&self) -> &'static str {
        match self.edition {
            Edition::W3c => rmix_wsdl::names::FAULT_ACTION,
            Edition::Submission => write::violation_action(self.edition),
        }
    }

    /// Whether such an answer is to be dropped.
    pub(crate) fn is_to_nobody(&self, is_fault: bool) -> bool {
        matches!(self.destination(is_fault), Destination::Nobody)
    }

    fn destination(&self, is_fault: bool) -> &Destination {
        if is_fault { &self.fault } else { &self.reply }
    }
}

impl Destination {
    fn here() -> Destination {
        Destination::Here(Parameters::default())
    }
}
