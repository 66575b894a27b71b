//! The end of a preview's lifetime.

use super::*;

#[test]
fn a_preview_is_gone_after_its_lifetime_and_a_push_brings_it_back() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(|platform| platform.replace("lifetime: 72h", "lifetime: 2h")).await;
        let Preview { world, id, .. } = &preview;
        assert!(preview.comment().contains("It goes away by itself on"));
        world.pass(Duration::from_secs(2 * 3_600 + 1_200)).await;
        world.gone(id).unwrap();
        world.pass(2 * UNTIL_LOOKED).await;
        world.gone(id).unwrap();
        assert!(preview.comment().contains("gone; nothing is left"));

        let web = preview.push("still at work");
        world.pass(A_WHILE).await;
        world.runs(id, &web, &preview.staging[1]).unwrap();
        assert_eq!(world.environment(id).unwrap().incarnation, 2);
    });
}

#[test]
fn a_push_whose_webhook_was_lost_brings_an_expired_preview_back_too() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(|platform| platform.replace("lifetime: 72h", "lifetime: 2h")).await;
        let Preview { world, id, .. } = &preview;
        world.pass(Duration::from_secs(2 * 3_600 + 1_200)).await;
        world.gone(id).unwrap();
        world.dropped.lock().unwrap().insert("synchronize");
        let web = preview.push("still at work");
        world.pass(UNTIL_LOOKED).await;
        world.runs(id, &web, &preview.staging[1]).unwrap();
    });
}
