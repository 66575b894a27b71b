use super::*;
use crate::environment::sample::preview;

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn put_off(until: Timestamp) -> Option<PutOff> {
    Some(PutOff { until, latest: false })
}

fn environment(lifetime: SignedDuration) -> Environment {
    let mut environment = preview(2);
    environment.live(Some(lifetime), at(0));
    environment
}

#[test]
fn people_are_warned_a_tenth_of_the_lifetime_before_its_end_within_limits() {
    for (lifetime, before) in [
        (minutes(10), minutes(5)),
        (WARNING_MINIMUM * 2 - minutes(1), WARNING_MINIMUM - minutes(1) / 2),
        (WARNING_MINIMUM * 2, WARNING_MINIMUM),
        (WARNING_MINIMUM * 10, WARNING_MINIMUM),
        (WARNING_MINIMUM * 10 + minutes(1), (WARNING_MINIMUM * 10 + minutes(1)) / 10),
        (SignedDuration::from_hours(240), WARNING_LIMIT),
        (SignedDuration::from_hours(241), WARNING_LIMIT),
    ] {
        assert_eq!(warning(lifetime), before, "{lifetime}");
    }
}

#[test]
fn it_is_due_to_warn_and_once_that_is_done_to_end() {
    let mut environment = environment(minutes(200));
    assert_eq!(environment.due_at_rest(), Some(at(180)));
    environment.warned_of = environment.expires_at;
    assert_eq!(environment.due_at_rest(), Some(at(200)));
    assert_eq!(environment.extend(None, "a", at(190)), put_off(at(400)));
    assert!(!environment.is_warned(), "the warning was of another end");
    environment.phase = Phase::Gone;
    assert_eq!(environment.due_at_rest(), None);
}

#[test]
fn an_end_is_put_off_to_four_lifetimes_from_now_and_no_further() {
    let mut environment = environment(minutes(100));
    assert_eq!(environment.extend(Some(minutes(299)), "a", at(0)), put_off(at(399)));
    assert_eq!(environment.extend(Some(minutes(1)), "b", at(0)), put_off(at(400)));
    assert_eq!(environment.extend(Some(minutes(1)), "c", at(0)), None);
    assert_eq!(environment.expires_at, Some(at(400)));
    assert_eq!(
        environment.extend(Some(minutes(2)), "d", at(1)),
        Some(PutOff { until: at(401), latest: true })
    );
}

#[test]
fn an_end_that_is_over_is_put_off_from_now() {
    let mut environment = environment(minutes(100));
    assert_eq!(environment.extend(Some(minutes(10)), "a", at(130)), put_off(at(140)));
    assert_eq!(environment.expires_at, Some(at(140)));
}

#[test]
fn an_end_is_put_off_to_thirty_days_from_now_and_no_further() {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let mut environment = environment(days(20));
    assert_eq!(
        environment.extend(None, "a", at(0)),
        Some(PutOff { until: Timestamp::UNIX_EPOCH + EXTENDED_LIMIT, latest: true })
    );
    environment.live(Some(days(40)), at(0));
    assert_eq!(environment.extend(Some(days(1)), "b", at(0)), None);
    assert_eq!(environment.expires_at, Some(Timestamp::UNIX_EPOCH + days(40)), "and is never put forward");
}

#[test]
fn each_trigger_counts_once_and_the_newest_are_remembered() {
    let mut environment = environment(minutes(100));
    for number in 0..=EXTENSIONS_LIMIT {
        environment.extend(Some(minutes(1)), &number.to_string(), at(0));
    }
    let known = |trigger: usize| environment.was_extended_by(&trigger.to_string());
    assert_eq!((known(0), known(1)), (None, put_off(at(121))));
    assert_eq!(known(EXTENSIONS_LIMIT), put_off(at(121)));
}

#[test]
fn who_asked_for_more_than_may_be_hears_so_again() {
    let mut environment = environment(minutes(100));
    environment.extend(Some(minutes(299)), "a", at(0));
    assert_eq!(environment.extend(None, "b", at(0)), Some(PutOff { until: at(400), latest: true }));
    assert_eq!(environment.was_extended_by("a"), put_off(at(400)));
    assert_eq!(environment.was_extended_by("b"), Some(PutOff { until: at(400), latest: true }));
    for number in 0..EXTENSIONS_LIMIT {
        environment.extend(Some(minutes(1)), &number.to_string(), at(10));
    }
    assert_eq!(environment.was_extended_by("b"), None);
    let remembered = environment.wanted.extension.unwrap();
    assert!(remembered.curtailed.iter().all(|trigger| remembered.triggers.contains(trigger)));
}

#[test]
fn a_deployment_never_shortens_an_end_that_was_put_off_but_any_other() {
    let mut environment = environment(minutes(100));
    environment.extend(None, "a", at(0));
    environment.live(Some(minutes(10)), at(0));
    assert_eq!(environment.expires_at, Some(at(200)));
    environment.wanted.extension = None;
    environment.live(Some(minutes(10)), at(0));
    assert_eq!(environment.expires_at, Some(at(10)));
    environment.live(None, at(0));
    assert_eq!(environment.expires_at, None);
}
