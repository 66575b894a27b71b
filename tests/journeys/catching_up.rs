//! Webhooks and events that never come: the repository is looked at.

use super::*;

#[test]
fn a_pull_request_whose_opening_was_lost_gets_its_preview_all_the_same() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        world.dropped.lock().unwrap().insert("opened");
        let number = world.open();
        let web = world.build_head(number, "web");
        world.pass(UNTIL_LOOKED).await;
        world.runs(&format!("shop/pr-{number}"), &web, &staging[1]).unwrap();
    });
}

#[test]
fn a_pull_request_whose_closing_was_lost_is_taken_down_all_the_same() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        preview.world.dropped.lock().unwrap().insert("closed");
        preview.world.close(preview.number);
        preview.world.pass(UNTIL_LOOKED + Duration::from_secs(120)).await;
        preview.world.gone(&preview.id).unwrap();
    });
}

#[test]
fn an_image_whose_event_was_lost_is_deployed_all_the_same() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        let (number, id) = (world.open(), "shop/pr-1");
        world.pass(A_WHILE).await;
        world.runs(id, &staging[0], &staging[1]).unwrap();
        world.dropped.lock().unwrap().insert("image");
        let web = world.build_head(number, "web");
        world.pass(UNTIL_LOOKED).await;
        world.runs(id, &web, &staging[1]).unwrap();
    });
}
