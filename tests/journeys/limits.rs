//! As many environments as the type allows, and no more.

use super::*;

#[test]
fn one_more_than_the_limit_is_refused_visibly_until_another_is_closed() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(|platform| platform.replace("limit: 20", "limit: 2")).await;
        let mut numbers = [0; 3];
        for (number, branch) in numbers.iter_mut().zip(["one", "two", "three"]) {
            *number = world.open_as("ada", branch, false);
            world.pass(Duration::from_secs(60)).await;
        }
        let phase = |number: u64| world.environment(&format!("shop/pr-{number}")).map(|found| found.phase);
        assert_eq!(numbers.map(phase), [Some(Phase::Ready), Some(Phase::Ready), None]);
        let comments = world.comments(numbers[2]);
        assert_eq!(comments.len(), 1, "{comments:#?}");
        assert!(
            comments[0]
                .contains("`shop` already has as many environments as it may (2). Close one to make room."),
            "{comments:#?}"
        );

        world.pass(UNTIL_LOOKED).await;
        never_begun(&world, numbers[2]);

        world.close(numbers[0]);
        world.pass(2 * UNTIL_LOOKED).await;
        assert_eq!(numbers.map(phase), [Some(Phase::Gone), Some(Phase::Ready), Some(Phase::Ready)]);
        let comment = &world.comments(numbers[2])[0];
        assert!(comment.contains(": ready") && !comment.contains("to make room"), "{comment}");
    });
}
