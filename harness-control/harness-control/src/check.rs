//! What a configuration must have before a member starts.

mod ranges;

use std::net::IpAddr;

use rmix::IntoTarget;

use crate::config::ControlConfig;
use crate::directory::is_name;
use crate::error::ControlError;

/// Says what is wrong, and what is allowed.
pub(crate) fn config(config: &ControlConfig) -> Result<(), ControlError> {
    if !is_name(&config.name) {
        return wrong(format!(
            "the name {:?}: one to 64 letters, digits, '-', '_' and '.'",
            config.name
        ));
    }
    ranges::check(config)?;
    let endpoints_max = config.control.endpoints_max;
    if !(1..=endpoints_max).contains(&config.listen.len()) {
        return wrong(format!(
            "{} endpoints to listen on: 1 to {endpoints_max}",
            config.listen.len()
        ));
    }
    if config.advertise.len() > endpoints_max {
        return wrong(format!(
            "{} endpoints to advertise: up to {endpoints_max}",
            config.advertise.len()
        ));
    }
    let text_max = config.control.text_bytes_max;
    if let Some(long) = config.advertise.iter().find(|text| text.len() > text_max) {
        return wrong(format!(
            "an endpoint to advertise has {} bytes: up to {text_max}",
            long.len()
        ));
    }
    reachable(config, &config.listen)?;
    for contact in &config.join {
        if let Err(error) = contact.as_str().into_target() {
            return wrong(format!("{contact:?} to join by: {error}"));
        }
    }
    if config.policy == harness_ring::Policy::FencedSurvivor && config.fence.is_none() {
        return wrong("the policy needs a fence, and none is given".to_owned());
    }
    Ok(())
}

/// Refuses to announce "all addresses", which others would take for their own.
pub(crate) fn reachable(config: &ControlConfig, listens: &[String]) -> Result<(), ControlError> {
    let announced = match config.advertise.as_slice() {
        [] => listens,
        advertise => advertise,
    };
    match announced.iter().find(|endpoint| is_wildcard(endpoint)) {
        Some(endpoint) => wrong(format!(
            "{endpoint} would be announced to the other members, and means all addresses of whoever reads it: listen on an \
             address of this host, or say where others reach it (`advertise`, --advertise ENDPOINT)"
        )),
        None => Ok(()),
    }
}

fn wrong(what: String) -> Result<(), ControlError> {
    Err(ControlError::Config(what))
}

/// Whether an endpoint such as `msgpack+tcp://0.0.0.0:7001` names all addresses of a host.
fn is_wildcard(endpoint: &str) -> bool {
    let Some((_, place)) = endpoint.split_once("://") else {
        return false;
    };
    let place = place.split(['/', '?']).next().unwrap_or_default();
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    };
    let address = host.parse::<IpAddr>();
    host.is_empty() && place.starts_with(':')
        || host == "*"
        || address.is_ok_and(|address| address.to_canonical().is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(listen: &str, advertise: &[&str]) -> Option<String> {
        let mut member = ControlConfig::new("A", vec![listen.to_owned()]);
        member.advertise = advertise.iter().map(|text| (*text).to_owned()).collect();
        config(&member).err().map(|error| error.to_string())
    }

    #[test]
    fn all_addresses_are_not_announced() {
        for listen in [
            "msgpack+tcp://0.0.0.0:7001",
            "msgpack+tcp://0.0.0.0",
            "msgpack+tcp://[::]:7001",
            "msgpack+tcp://[::ffff:0.0.0.0]:7001",
            "soap+http://0.0.0.0:80/ring?serial=1",
            "msgpack+tcp://:7001",
            "msgpack+tcp://*:7001",
        ] {
            let text = error(listen, &[]).unwrap_or_else(|| panic!("{listen} is taken"));
            assert!(
                text.contains(listen) && text.contains("--advertise"),
                "{text}"
            );
            assert_eq!(error(listen, &["msgpack+tcp://10.0.0.5:7001"]), None);
            assert!(
                error("msgpack+tcp://10.0.0.5:1", &[listen]).is_some(),
                "{listen}"
            );
        }
    }

    #[test]
    fn addresses_and_places_of_one_host_are_announced() {
        for listen in [
            "msgpack+tcp://127.0.0.1:0",
            "msgpack+tcp://[2001:db8::5]:7001",
            "msgpack+tcp://node-a:7001",
            "msgpack+unix:/run/0.0.0.0:1",
            "shm:a",
        ] {
            assert_eq!(error(listen, &[]), None, "{listen}");
        }
    }

    #[test]
    fn as_many_are_listened_on_as_the_limit_says() {
        let listens = |count| {
            let listen = vec!["shm:a".to_owned(); count];
            config(&ControlConfig::new("A", listen)).err()
        };
        assert!(listens(16).is_none());
        let error = listens(17).map(|error| error.to_string());
        let error = error.expect("one more");
        assert!(
            error.contains("17 endpoints to listen on: 1 to 16"),
            "{error}"
        );
        assert!(listens(0).is_some());
    }

    #[test]
    fn ranges_are_looked_at_before_anything_is_started() {
        let mut member = ControlConfig::new("A", vec!["shm:a".to_owned()]);
        member.limits.window_batches = 0;
        let error = config(&member).expect_err("nothing would ever be sent");
        assert!(
            error.to_string().contains("limits.window_batches is 0"),
            "{error}"
        );
    }

    #[test]
    fn as_many_are_advertised_as_the_limit_says() {
        let many = vec!["shm:a"; 16];
        assert_eq!(error("shm:a", &many), None);
        assert!(error("shm:a", &[many.as_slice(), &["shm:b"]].concat()).is_some());
        let long = format!("shm:{}", "a".repeat(508));
        assert_eq!(error("shm:a", &[&long]), None);
        assert!(error("shm:a", &[&format!("{long}a")]).is_some());
    }
}
