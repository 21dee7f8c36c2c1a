//! Transactions: outcomes by type and agreement, in order, whatever the order of results and whoever
//! dies.

use std::collections::BTreeSet;

use harness_ring::{Agreement, Failure, MemberId, Request, RequestId, Step, Transactions, Word};

const VIEW: [u32; 3] = [0, 1, 2];

fn ids(slots: &[u32]) -> Vec<MemberId> {
    slots.iter().map(|slot| MemberId::first(*slot)).collect()
}

fn member(slot: u32) -> Transactions<u64> {
    Transactions::new(MemberId::first(slot), &ids(&VIEW), 4)
}

fn request(number: u64, members: &[u32], agreement: Agreement) -> Request<u64> {
    Request {
        id: RequestId {
            origin: MemberId::first(0),
            number,
        },
        payload: number,
        members: ids(members).into_iter().collect(),
        agreement,
        domain: 0,
    }
}

fn ask(transactions: &mut Transactions<u64>, request: &Request<u64>) {
    transactions.deliver(request.id.origin, Word::Request(request.clone()));
}

fn answer(
    transactions: &mut Transactions<u64>,
    from: u32,
    request: &Request<u64>,
    result: Result<u64, Failure>,
) {
    let id = request.id;
    transactions.deliver(MemberId::first(from), Word::Result { id, result });
}

/// What happened, in short: numbers of requests.
fn steps(transactions: &mut Transactions<u64>) -> Vec<String> {
    let steps = std::iter::from_fn(|| transactions.poll_step());
    steps
        .map(|step| match step {
            Step::Perform(request) => format!("perform {}", request.id.number),
            Step::Outcome { request, done, .. } => {
                let word = if done { "done" } else { "failed" };
                format!("{word} {}", request.id.number)
            }
            Step::Undo(id) => format!("undo {}", id.number),
            Step::Ignored(id) => format!("ignored {}", id.number),
        })
        .collect()
}

#[test]
fn a_request_without_local_changes_is_done_when_delivered() {
    let mut transactions = member(1);
    for agreement in [Agreement::AllOf, Agreement::AnyOf, Agreement::Quorum(2)] {
        let number = transactions.waiting() as u64 + 1;
        let mut fresh = member(1);
        ask(&mut fresh, &request(number, &[], agreement));
        assert_eq!(steps(&mut fresh), ["done 1"]);
    }
    ask(&mut transactions, &request(1, &[], Agreement::AllOf));
    assert_eq!(transactions.waiting(), 0);
}

#[test]
fn one_member_changes_state_and_the_others_wait_for_it() {
    let wanted = request(1, &[1], Agreement::AllOf);
    let (mut one, mut two) = (member(1), member(2));
    ask(&mut one, &wanted);
    ask(&mut two, &wanted);
    assert_eq!(steps(&mut one), ["perform 1"]);
    assert_eq!(steps(&mut two), Vec::<String>::new());
    answer(&mut two, 2, &wanted, Ok(5));
    assert_eq!(steps(&mut two), ["ignored 1"], "it was not asked");
    answer(&mut two, 1, &wanted, Ok(5));
    assert_eq!(steps(&mut two), ["done 1"]);
}

#[test]
fn one_failure_of_all_undoes_the_others() {
    let wanted = request(1, &[1, 2], Agreement::AllOf);
    let mut one = member(1);
    ask(&mut one, &wanted);
    answer(&mut one, 1, &wanted, Ok(5));
    answer(&mut one, 2, &wanted, Err(Failure::Failed));
    assert_eq!(steps(&mut one), ["perform 1", "undo 1", "failed 1"]);
}

#[test]
fn a_quorum_is_met_at_its_number_and_not_below() {
    for (failures, word) in [(1, "done 1"), (2, "failed 1")] {
        let wanted = request(1, &VIEW, Agreement::Quorum(2));
        let mut other = Transactions::new(MemberId::first(9), &ids(&VIEW), 4);
        ask(&mut other, &wanted);
        for from in VIEW {
            let fails = from < failures;
            let result = if fails { Err(Failure::Failed) } else { Ok(1) };
            answer(&mut other, from, &wanted, result);
        }
        assert_eq!(steps(&mut other), [word]);
    }
}

#[test]
fn who_is_gone_decides_nothing_any_more_and_blocks_nobody() {
    let wanted = request(1, &[1, 2], Agreement::AnyOf);
    let mut zero = member(0);
    ask(&mut zero, &wanted);
    answer(&mut zero, 1, &wanted, Ok(5));
    zero.view_change(&ids(&[0, 1]));
    let Some(Step::Outcome { done, results, .. }) = zero.poll_step() else {
        panic!("there is an outcome");
    };
    assert!(done);
    assert_eq!(results[&MemberId::first(2)], Err(Failure::Gone));
    let late = request(2, &[2], Agreement::AllOf);
    ask(&mut zero, &late);
    assert_eq!(
        steps(&mut zero),
        ["failed 2"],
        "it was gone before it was asked"
    );
}

#[test]
fn a_result_before_the_view_change_counts_and_one_after_it_does_not() {
    let wanted = request(1, &[1, 2], Agreement::AllOf);
    let mut before = member(0);
    ask(&mut before, &wanted);
    answer(&mut before, 2, &wanted, Ok(1));
    before.view_change(&ids(&[0, 1]));
    answer(&mut before, 1, &wanted, Ok(1));
    assert_eq!(steps(&mut before), ["done 1"]);
    let mut after = member(0);
    ask(&mut after, &wanted);
    after.view_change(&ids(&[0, 1]));
    answer(&mut after, 2, &wanted, Ok(1));
    answer(&mut after, 1, &wanted, Ok(1));
    assert_eq!(steps(&mut after), ["failed 1"]);
}

#[test]
fn outcomes_keep_the_order_of_requests_within_a_domain_only() {
    let first = request(1, &[1], Agreement::AllOf);
    let second = request(2, &[2], Agreement::AllOf);
    let mut elsewhere = request(3, &[2], Agreement::AllOf);
    elsewhere.domain = 1;
    let mut zero = member(0);
    for wanted in [&first, &second, &elsewhere] {
        ask(&mut zero, wanted);
    }
    answer(&mut zero, 2, &second, Ok(1));
    assert_eq!(
        steps(&mut zero),
        Vec::<String>::new(),
        "the first is not done"
    );
    answer(&mut zero, 2, &elsewhere, Ok(1));
    assert_eq!(steps(&mut zero), ["done 3"]);
    answer(&mut zero, 1, &first, Ok(1));
    assert_eq!(steps(&mut zero), ["done 1", "done 2"]);
}

#[test]
fn a_request_that_comes_again_is_ignored_and_so_is_one_beyond_the_limit() {
    let mut zero = member(0);
    for number in 1..=4 {
        ask(&mut zero, &request(number, &[1], Agreement::AllOf));
    }
    ask(&mut zero, &request(4, &[1], Agreement::AllOf));
    ask(&mut zero, &request(5, &[1], Agreement::AllOf));
    assert_eq!(steps(&mut zero), ["ignored 4", "ignored 5"]);
    assert_eq!(zero.waiting(), 4);
}

#[test]
fn every_order_of_results_gives_the_same_outcome() {
    let wanted = request(1, &VIEW, Agreement::AllOf);
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let outcomes: BTreeSet<_> = orders
        .iter()
        .map(|order| {
            let mut other = Transactions::new(MemberId::first(9), &ids(&VIEW), 4);
            ask(&mut other, &wanted);
            for from in order {
                answer(&mut other, *from, &wanted, Ok(u64::from(*from)));
            }
            format!("{:?}", other.poll_step())
        })
        .collect();
    assert_eq!(outcomes.len(), 1);
}

#[test]
fn a_joiner_goes_on_from_the_image() {
    let mut old = member(1);
    let all = request(1, &[0, 1], Agreement::AllOf);
    ask(&mut old, &all);
    answer(&mut old, 0, &all, Ok(5));
    assert_eq!(steps(&mut old), ["perform 1"]);

    let image = old.image();
    assert_eq!(
        Transactions::from_image(MemberId::first(2), image.clone(), 0),
        None
    );
    let mut joined = Transactions::from_image(MemberId::first(2), image, 4).expect("one waits");

    assert_eq!(joined.waiting(), 1);
    ask(&mut joined, &all);
    assert_eq!(steps(&mut joined), ["ignored 1"], "it is known");
    for transactions in [&mut old, &mut joined] {
        answer(transactions, 1, &all, Ok(6));
        assert_eq!(steps(transactions), ["done 1"]);
    }
}

fn of(origin: MemberId, number: u64) -> Request<u64> {
    Request {
        id: RequestId { origin, number },
        ..request(number, &[], Agreement::AllOf)
    }
}

#[test]
fn who_is_out_is_forgotten_and_nothing_of_it_is_taken_any_more() {
    let gone = MemberId::first(2);
    let mut transactions = member(1);
    ask(&mut transactions, &of(MemberId::first(0), 1));
    ask(&mut transactions, &of(gone, 7));
    assert_eq!(steps(&mut transactions), ["done 1", "done 7"]);
    transactions.view_change(&ids(&[0, 1]));
    let known: Vec<_> = transactions.image().last.into_iter().collect();
    assert_eq!(known, [(MemberId::first(0), 1)]);
    ask(&mut transactions, &of(gone, 7));
    ask(&mut transactions, &of(gone, 8));
    ask(&mut transactions, &of(MemberId::first(0), 1));
    assert_eq!(
        steps(&mut transactions),
        ["ignored 7", "ignored 8", "ignored 1"]
    );
}

#[test]
fn so_many_lives_of_a_member_leave_one_entry() {
    let mut transactions = member(1);
    let mut back = MemberId::first(2);
    for _ in 0..100 {
        ask(&mut transactions, &of(back, 1));
        assert_eq!(steps(&mut transactions), ["done 1"], "{back}");
        transactions.view_change(&ids(&[0, 1]));
        back = back.next_incarnation();
        transactions.view_change(&[ids(&[0, 1]), vec![back]].concat());
    }
    ask(&mut transactions, &of(back, 1));
    assert_eq!(transactions.image().last.len(), 1);
}
