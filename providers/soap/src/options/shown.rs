//! Which options of an endpoint go along with it to others.

use super::{CLIENT_OPTIONS, OF_CLIENTS, of_all};

/// Options that are never shown: what they say is of one end alone, and some name files of it.
const OWN: [&str; 11] = [
    "cert",
    "key",
    "ca",
    "client_ca",
    "security",
    "user",
    "password_file",
    "cleartext",
    "timestamp",
    "expires",
    "skew",
];

/// The options that whoever gets the endpoint can use, too: who is let in, who this end is, and by which files, is nobody
/// else's business, and what a listener alone knows would be refused.
pub(crate) fn shown(options: &str) -> String {
    let known = of_all(&OF_CLIENTS, &CLIENT_OPTIONS);
    let pairs = options.split('&').filter(|pair| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        known.clone().any(|known| known == name) && !OWN.contains(&name)
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_one_end_alone_is_not_shown() {
        let server = "schemas=separate&cert=/a&key=/b&client_ca=/c&users_file=/d&security=username&nonces=7&skew=1";
        assert_eq!(shown(server), "");
        let client =
            "version=1.2&user=me&password_file=/a&security=text&cleartext=allowed&ca=/b&expires=9";
        assert_eq!(shown(client), "version=1.2");
    }

    #[test]
    fn what_both_ends_know_is_shown() {
        for options in ["", "addressing=on&mtom=100", "version=1.2&xml_depth=9"] {
            assert_eq!(shown(options), options);
        }
    }
}
