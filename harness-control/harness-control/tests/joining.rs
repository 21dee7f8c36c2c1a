//! A process that no ring takes in: it says whom it asked, and what each answered.

use std::os::unix::net::UnixListener;
use std::time::Duration;

use harness_control::{Control, ControlConfig, ControlError, Event};

use crate::support::{Lines, Place, run, runtime};

/// How it ends for a joiner that has little time.
async fn not_taken(mut config: ControlConfig) -> String {
    config.timing.join_within = Duration::from_secs(5);
    config.timing.greet_within = Duration::from_secs(1);
    config.timing.enroll_every = Duration::from_millis(20);
    let runtime = runtime();
    let joined = Control::join(&runtime, config, Lines::default()).await;
    match joined.err() {
        Some(error @ ControlError::NotTaken { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_who_were_asked_are_named_with_what_they_said() {
    run(async {
        let place = Place::new();
        let config = place.config("D", &["nobody", "silent"]);
        let [nobody, silent] = [&config.join[0], &config.join[1]].map(Clone::clone);
        let path = silent.strip_prefix("msgpack+unix:").expect("its path");
        let _listener = UnixListener::bind(path).expect("it can be bound");

        let said = not_taken(config).await;

        let place_of = |text: &str| said.find(text).unwrap_or_else(|| panic!("{text}: {said}"));
        assert!(said.contains(" times in "), "{said}");
        let refused = place_of(&format!("{nobody}: "));
        assert!(said[refused..].contains("is the peer running"), "{said}");
        place_of(&format!("{silent}: no answer within "));
    });
}

#[test]
fn a_joiner_is_told_that_the_ring_is_blocked() {
    run(async {
        let place = Place::new();
        let mut a = place.member("A", &[]).await;
        let b = place.member("B", &["A"]).await;
        let c = place.member("C", &["A"]).await;
        a.wait_for_members(3).await;
        drop((b, c));
        a.wait(|event| matches!(event, Event::Blocked(_))).await;

        let said = not_taken(place.config("D", &["A"])).await;

        let why = "does not come: blocked: too few members of the view are left for the policy";
        assert!(said.contains(why), "{said}");
        assert!(said.contains(&place.endpoint("A")), "{said}");
    });
}

#[test]
fn who_names_only_itself_is_told_so() {
    run(async {
        let said = not_taken(Place::new().config("A", &["A"])).await;
        assert!(
            said.contains("nobody to ask but this member itself"),
            "{said}"
        );
    });
}

#[test]
fn what_is_no_endpoint_is_refused_before_anything_is_asked() {
    run(async {
        let mut config = Place::new().config("A", &[]);
        config.join = vec!["7001".to_owned()];
        let joined = Control::join(&runtime(), config, Lines::default()).await;
        let Some(ControlError::Config(why)) = joined.err() else {
            panic!("it was taken");
        };
        assert!(why.contains("\"7001\" to join by"), "{why}");
    });
}
