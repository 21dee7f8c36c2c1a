//! Selections as people read them: candidates in, the `why` text out.

use proptest::prelude::*;

use super::*;

/// `text`, optionally followed by marks: `here` same host, `unloaded`, `lacks X`, `failed X`,
/// separated by `; `.
fn candidate(line: &str) -> Candidate {
    let mut words = line.split("; ");
    let endpoint = words.next().unwrap().parse().unwrap();
    let mut candidate = Candidate::new(endpoint);
    for mark in words {
        match mark.split_once(' ') {
            None if mark == "here" => candidate.same_host = true,
            None if mark == "unloaded" => candidate.provider_loaded = false,
            Some(("lacks", what)) => candidate.shortfall = Some(what.to_owned()),
            Some(("failed", how)) => candidate.last_failure = Some(how.to_owned()),
            _ => panic!("no such mark: {mark}"),
        }
    }
    candidate
}

fn check(policy: &Policy, candidates: &[&str], why: &str) {
    let candidates: Vec<_> = candidates.iter().map(|line| candidate(line)).collect();
    let selection = select(&candidates, policy);
    assert_eq!(selection.to_string(), why);
    let by_index: Vec<_> = selection
        .order()
        .iter()
        .map(|index| &candidates[*index].endpoint)
        .collect();
    assert_eq!(selection.endpoints().collect::<Vec<_>>(), by_index);
}

const DEFAULT_ORDER: &str = "order shm (same host), pipe (same host), +unix (same host), \
                             msgpack, sunrpc, soap, then as listed";

#[test]
fn the_default_order_prefers_the_same_host_then_msgpack_sunrpc_soap() {
    check(
        &Policy::default(),
        &[
            "jrmp+tcp://h:1; here",
            "soap+http://h:2/; here",
            "sunrpc+tcp://h:3; here",
            "msgpack+tcp://h:4; here",
            "msgpack+unix:/run/x; here",
            "pipe+exec:server --stdio; here",
            "shm://station; here",
        ],
        &format!(
            "7 of 7 candidates usable; {DEFAULT_ORDER}
  1. shm://station: preference 1, shm (same host)
  2. pipe+exec:server --stdio: preference 2, pipe (same host)
  3. msgpack+unix:/run/x: preference 3, +unix (same host)
  4. msgpack+tcp://h:4: preference 4, msgpack
  5. sunrpc+tcp://h:3: preference 5, sunrpc
  6. soap+http://h:2/: preference 6, soap
  7. jrmp+tcp://h:1: no preference matches, as listed"
        ),
    );
}

#[test]
fn local_kinds_on_another_host_are_excluded() {
    check(
        &Policy::default(),
        &["shm://station", "msgpack+unix:/run/x", "sunrpc+tcp://h:3"],
        &format!(
            "1 of 3 candidates usable; {DEFAULT_ORDER}
  1. sunrpc+tcp://h:3: preference 5, sunrpc
  -  shm://station: excluded: shm reaches the same host only
  -  msgpack+unix:/run/x: excluded: +unix reaches the same host only"
        ),
    );
}

#[test]
fn via_excludes_every_other_protocol() {
    check(
        &Policy {
            via: Some("soap".into()),
            ..Policy::default()
        },
        &["msgpack+tcp://h:1", "soap+http://h:2/", "soap+https://h:3/"],
        &format!(
            "2 of 3 candidates usable; via soap only; {DEFAULT_ORDER}
  1. soap+http://h:2/: preference 6, soap
  2. soap+https://h:3/: preference 6, soap
  -  msgpack+tcp://h:1: excluded: not via soap"
        ),
    );
}

#[test]
fn via_may_name_a_whole_scheme() {
    check(
        &Policy {
            via: Some("soap+https".into()),
            order: Vec::new(),
        },
        &["soap+http://h:2/", "soap+https://h:3/"],
        "1 of 2 candidates usable; via soap+https only; order then as listed
  1. soap+https://h:3/: no preference matches, as listed
  -  soap+http://h:2/: excluded: not via soap+https",
    );
}

#[test]
fn unloaded_and_unfit_providers_are_excluded_with_their_reason() {
    check(
        &Policy::default(),
        &[
            "msgpack+tcp://h:1; unloaded; lacks everything",
            "sunrpc+tcp://h:2; lacks sunrpc cannot pass references; failed refused",
        ],
        &format!(
            "0 of 2 candidates usable; {DEFAULT_ORDER}
  -  msgpack+tcp://h:1: excluded: no provider for msgpack is loaded
  -  sunrpc+tcp://h:2: excluded: sunrpc cannot pass references"
        ),
    );
}

#[test]
fn a_recent_failure_moves_a_candidate_behind_all_others() {
    check(
        &Policy::default(),
        &[
            "msgpack+tcp://h:1; failed connection refused",
            "soap+http://h:2/",
            "sunrpc+tcp://h:3; failed timed out",
            "jrmp+tcp://h:4",
        ],
        &format!(
            "4 of 4 candidates usable; {DEFAULT_ORDER}
  1. soap+http://h:2/: preference 6, soap
  2. jrmp+tcp://h:4: no preference matches, as listed
  3. msgpack+tcp://h:1: preference 4, msgpack; behind those without a recent failure: connection refused
  4. sunrpc+tcp://h:3: preference 5, sunrpc; behind those without a recent failure: timed out"
        ),
    );
}

#[test]
fn equal_rank_keeps_the_order_of_the_reference() {
    let policy = Policy::default();
    let lines = [
        "msgpack+tcp://b:1",
        "msgpack+tcp://a:1",
        "msgpack+tcp://b:1",
    ];
    let candidates = lines.map(candidate);
    assert_eq!(select(&candidates, &policy).order(), [0, 1, 2]);
}

#[test]
fn no_candidates_give_an_empty_selection() {
    check(
        &Policy::default(),
        &[],
        &format!("0 of 0 candidates usable; {DEFAULT_ORDER}"),
    );
}

fn any_candidate() -> impl Strategy<Value = Candidate> {
    let endpoint = prop::sample::select(vec![
        "shm://x",
        "pipe+exec:x",
        "msgpack+unix:/x",
        "msgpack+tcp://x:1",
        "sunrpc+tcp://x:1",
        "jrmp+tcp://x:1",
    ]);
    (endpoint, any::<[bool; 4]>()).prop_map(|(endpoint, [loaded, lacks, here, failed])| Candidate {
        endpoint: endpoint.parse().unwrap(),
        provider_loaded: loaded,
        shortfall: lacks.then(|| "lacks".to_owned()),
        same_host: here,
        last_failure: failed.then(|| "failed".to_owned()),
    })
}

proptest! {
    #[test]
    fn every_candidate_is_decided_once_and_only_fit_ones_are_placed(
        candidates in prop::collection::vec(any_candidate(), 0..12),
    ) {
        let selection = select(&candidates, &Policy::default());
        let mut seen: Vec<_> = selection.log().iter().map(|entry| entry.candidate).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..candidates.len()).collect::<Vec<_>>());
        for index in selection.order() {
            let candidate = &candidates[*index];
            prop_assert!(candidate.provider_loaded && candidate.shortfall.is_none());
        }
        prop_assert_eq!(select(&candidates, &Policy::default()), selection);
    }
}
