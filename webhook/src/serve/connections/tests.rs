use super::*;

fn is_closed(connection: &Connection) -> bool {
    connection.is_closed(Waker::noop())
}

fn closed_of(connections: &[Connection]) -> Vec<usize> {
    let numbered = connections.iter().enumerate();
    numbered
        .filter(|(_, c)| is_closed(c))
        .map(|(number, _)| number)
        .collect()
}

/// A listener whose connections stand at these stages, in this order.
fn at(stages: &[Stage], grace: Duration) -> (Arc<Connections>, Vec<Connection>) {
    let all = Arc::new(Connections {
        bound: stages.len(),
        grace,
        uses: Mutex::default(),
        closed: Counter::default(),
    });
    let open = stages.iter().map(|stage| {
        let connection = all.open();
        connection.mark(*stage);
        connection
    });
    let open = open.collect();
    (all, open)
}

#[test]
fn newcomer_at_bound_closes_least_recently_used() {
    let (all, mut open) = at(&[Stage::Idle; 3], GRACE);
    assert_eq!(closed_of(&open), [0; 0]);
    let newcomer = |open: &mut Vec<Connection>| {
        let connection = all.open();
        connection.mark(Stage::Idle);
        open.push(connection);
    };
    open[0].mark(Stage::Idle);
    newcomer(&mut open);
    assert_eq!(closed_of(&open), [1]);
    // One that was closed takes no place by a late use.
    open[1].mark(Stage::Idle);
    newcomer(&mut open);
    assert_eq!(closed_of(&open), [1, 2]);
    newcomer(&mut open);
    assert_eq!(closed_of(&open), [0, 1, 2]);
    assert_eq!(all.closed.get(), 3);
    assert_eq!(all.uses().connections.len(), 3);
}

#[test]
fn newcomers_close_connections_in_the_order_of_their_stages() {
    use Stage::{Answering, Idle, New, Reading};
    let stages = [Answering, Reading, Idle, New, Answering, Reading, Idle, New];
    let in_grace = [2, 6, 3, 7, 1, 5, 0, 4];
    let after_grace = [3, 7, 2, 6, 1, 5, 0, 4];
    for (grace, expected) in [(GRACE, in_grace), (Duration::ZERO, after_grace)] {
        let (all, open) = at(&stages, grace);
        let mut newer = Vec::new();
        for count in 1..=expected.len() {
            let connection = all.open();
            connection.mark(Answering);
            newer.push(connection);
            let mut expected = expected[..count].to_vec();
            expected.sort_unstable();
            assert_eq!(closed_of(&open), expected, "{grace:?}");
        }
        assert_eq!(closed_of(&newer), [0; 0]);
    }
}

#[test]
fn new_connections_have_a_quarter_of_the_places_at_the_cost_of_idle_ones() {
    let (all, idle) = at(&[Stage::Idle; 8], GRACE);
    let new: Vec<_> = (0..20).map(|_| all.open()).collect();
    assert_eq!(closed_of(&idle), [0, 1, 2]);
    assert_eq!(closed_of(&new), (0..17).collect::<Vec<_>>());
    // One that has sent a request is no longer new.
    new[18].mark(Stage::Idle);
    assert_eq!(all.uses().new, 2);
    drop(new);
    assert_eq!(all.uses().new, 0);
}

#[test]
fn retired_connection_is_closed_after_its_answer() {
    use Stage::{Answering, Idle, New, Reading};
    let (all, open) = at(&[New, Idle, Reading, Answering], GRACE);
    all.retire();
    assert_eq!(closed_of(&open), [0, 1]);
    let later = all.open();
    open[2].mark(Answering);
    assert_eq!(closed_of(&open), [0, 1]);
    open[2].mark(Idle);
    open[3].mark(Idle);
    later.mark(Idle);
    assert_eq!(closed_of(&open), [0, 1, 2, 3]);
    assert!(!is_closed(&later) && !later.is_retired());
    assert_eq!(all.uses().connections.len(), 1);
}

#[test]
fn ended_connection_leaves_its_place() {
    let all = Connections::new(2, Counter::default());
    let kept = all.open();
    for _ in 0..10 {
        drop(all.open());
    }
    let newer = all.open();
    assert!(!is_closed(&kept) && !is_closed(&newer));
    drop((kept, newer));
    assert!(all.uses().connections.is_empty());
}

#[test]
fn bound_of_zero_admits_one() {
    let all = Connections::new(0, Counter::default());
    let first = all.open();
    let second = all.open();
    assert!(is_closed(&first) && !is_closed(&second));
}
