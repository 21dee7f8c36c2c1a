//! A ring that is blocked says so, and says once that it is no more.

use harness_control::Event;

use crate::support::{Member, Place, run};

async fn wait_for_blocked(member: &mut Member) {
    let blocked = member.wait(|event| matches!(event, Event::Blocked(_)));
    blocked.await;
}

fn ends_of_blocking(member: &Member) -> usize {
    let ends = member.seen.iter();
    ends.filter(|event| **event == Event::Unblocked).count()
}

#[test]
fn a_ring_that_is_forced_is_blocked_no_more() {
    run(async {
        let place = Place::new();
        let mut a = place.member("A", &[]).await;
        let b = place.member("B", &["A"]).await;
        let c = place.member("C", &["A"]).await;
        a.wait_for_members(3).await;
        drop((b, c));
        wait_for_blocked(&mut a).await;
        let why = a.status().await.blocked.expect("the status says it");
        assert_eq!(why, "too few members of the view are left for the policy");

        let forced = a.control.force_view().await;

        assert_eq!(forced, Ok(()));
        a.wait(|event| *event == Event::Unblocked).await;
        assert_eq!(a.submit("x").await, "1 0");
        a.wait(|event| matches!(event, Event::Outcome { .. })).await;
        assert_eq!(ends_of_blocking(&a), 1);
        assert_eq!(a.status().await.blocked, None);
    });
}
