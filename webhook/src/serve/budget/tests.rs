use futures_util::FutureExt as _;

use super::*;

fn left(budget: &Budget) -> (usize, usize) {
    let of = |share: &Share| share.permits.available_permits();
    (of(&budget.first), of(&budget.further))
}

fn grow(held: &mut Held, bytes: usize) -> bool {
    held.grow(bytes).now_or_never().is_some()
}

#[test]
fn large_review_leaves_the_first_share_to_others() {
    let budget = Budget::new(10, 40, 100);
    let (mut large, mut next, mut usual) = (budget.hold(), budget.hold(), budget.hold());
    assert!(grow(&mut large, 110));
    assert_eq!(left(&budget), (30, 0));
    assert!(grow(&mut next, 10) && !grow(&mut next, 11));
    assert!(grow(&mut usual, 9));
    drop(large);
    assert!(grow(&mut next, 110));
    drop((next, usual));
    assert_eq!(left(&budget), (40, 100));
}

#[test]
fn answer_holds_its_own_size() {
    let budget = Budget::new(10, 20, 100);
    let mut held = budget.hold();
    assert!(grow(&mut held, 50));
    assert!(held.resize(4));
    assert_eq!(left(&budget), (16, 100));
    assert!(held.resize(60));
    assert_eq!(left(&budget), (10, 50));
    let mut other = budget.hold();
    assert!(!other.resize(61) && other.resize(60));
    assert_eq!(left(&budget), (0, 0));
}

#[test]
fn more_than_there_is_waits_for_all() {
    let budget = Budget::new(10, 20, 100);
    let (mut small, mut huge) = (budget.hold(), budget.hold());
    assert!(grow(&mut small, 11) && !grow(&mut huge, 1000));
    drop(small);
    assert!(grow(&mut huge, 1000));
    assert_eq!(left(&budget), (10, 0));
}
