//! What teams ask for in chat: who may, what comes of it, and what holds.

use super::*;
use crate::simulation::commands::{ADA, with_people};
use roadstead_domain::{
    platform::Platform,
    trigger::{Outcome, Trigger},
};
use roadstead_steps::{configuration, nouns::Time as _};

/// Who may deploy to staging, and nothing with previews.
pub(super) const RAY: &str = "U0RAY";
/// Whom the platform file does not name.
const EVE: &str = "U0EVE";

/// What was said of a trigger without an environment, or of its only one.
pub(super) fn told(trigger: &Trigger) -> &str {
    match trigger.outcomes.values().next() {
        None => &trigger.closed.as_ref().unwrap().text,
        Some(Outcome::Nothing { reason } | Outcome::Refused { reason }) => reason,
        Some(other) => panic!("{other:?}"),
    }
}

pub(super) fn head(world: &World, branch: &str) -> String {
    world.github.lock().unwrap().commit_id(world.repository, &format!("heads/{branch}")).unwrap()
}

/// Somebody branches off main.
pub(super) fn branch_off(world: &Arc<World>, branch: &str) {
    let now = world.time.now();
    let change = [roadstead_worlds::github::FileChange::Put("README.md", b"an idea")];
    let mut github = world.github.lock().unwrap();
    let commit = github.commit(world.repository, "heads/main", "ada", "An idea", &change, now).unwrap();
    let told = github.push(world.repository, branch, &commit, "ada", now).unwrap();
    drop(github);
    world.deliver(told);
}

#[test]
fn an_environment_that_was_asked_for_follows_its_branch_until_it_is_destroyed() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(with_people).await;
        branch_off(&world, "feature");
        let web = world.build("web", &format!("sha-{}", head(&world, "feature")), &head(&world, "feature"));
        world.typed(ADA, "/env", "create shop try branch feature for 4h").await;
        world.runs("shop/try", &web, &staging[1]).unwrap();
        let environment = world.environment("shop/try").unwrap();
        let left = environment.expires_at.unwrap().duration_since(world.time.now());
        assert!(left <= jiff::SignedDuration::from_hours(4) && left > jiff::SignedDuration::from_hours(3));

        world.push("feature", "a better idea");
        let web = world.build("web", &format!("sha-{}", head(&world, "feature")), &head(&world, "feature"));
        world.pass(A_WHILE).await;
        world.runs("shop/try", &web, &staging[1]).unwrap();

        let again = world.typed(ADA, "/env", "create shop try").await;
        assert!(told(&again).starts_with("`shop/try` exists already."), "{again:?}");

        world.typed(ADA, "/env", "destroy shop/try").await;
        world.gone("shop/try").unwrap();
        world.push("feature", "too late");
        world.pass(2 * UNTIL_LOOKED).await;
        world.gone("shop/try").unwrap();
        world.at_rest().unwrap();

        world.typed(ADA, "/env", "create shop try branch feature").await;
        assert_eq!(world.environment("shop/try").unwrap().incarnation, 2);
    });
}

#[test]
fn a_push_whose_webhook_was_lost_reaches_it_too() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(with_people).await;
        branch_off(&world, "feature");
        world.typed(ADA, "/env", "create shop branch feature").await;
        let id = "shop/".to_owned() + roadstead_domain::name::EnvironmentName::of_branch("feature").as_str();
        world.runs(&id, &staging[0], &staging[1]).unwrap();
        world.dropped.lock().unwrap().insert("");
        world.push("feature", "a better idea");
        world.pass(UNTIL_LOOKED).await;
        let revisions = world.environment(&id).unwrap().revisions.unwrap();
        assert_eq!(revisions.commit.as_str(), head(&world, "feature"));
    });
}

#[test]
fn its_end_comes_by_itself() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(with_people).await;
        world.typed(ADA, "/env", "create shop try for 1h").await;
        world.pass(Duration::from_secs(3_600 + 600)).await;
        world.gone("shop/try").unwrap();
        world.pass(2 * UNTIL_LOOKED).await;
        world.gone("shop/try").unwrap();
    });
}

#[test]
fn its_end_is_put_off_where_somebody_asks() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(with_people).await;
        world.typed(ADA, "/env", "create shop try for 1h").await;
        let end = || world.environment("shop/try").unwrap().expires_at.unwrap();
        let before = end();
        world.typed(ADA, "/env", "extend shop/try by 2h").await;
        assert_eq!(end(), before + jiff::SignedDuration::from_hours(2));
        let trigger = world.typed(RAY, "/env", "extend shop/try").await;
        assert_eq!(
            told(&trigger),
            "There is no environment `shop/try`. See with `/env list` in chat, or with `status`, which there are."
        );
        world.pass(Duration::from_secs(3 * 3_600 + 600)).await;
        world.gone("shop/try").unwrap();
    });
}

#[test]
fn who_may_do_nothing_hears_what_everybody_hears_of_what_is_not_there() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(with_people).await;
        for (who, slash, text, expected) in [
            (
                EVE,
                "/env",
                "destroy shop/staging",
                "There is no environment `shop/staging`. See with `/env list` in chat, or with `status`, which there are.",
            ),
            (
                EVE,
                "/env",
                "destroy shop/absent",
                "There is no environment `shop/absent`. See with `/env list` in chat, or with `status`, which there are.",
            ),
            (
                EVE,
                "/deploy",
                "shop staging",
                "There is no environment `shop/staging`. See with `/env list` in chat, or with `status`, which there are.",
            ),
            (
                EVE,
                "/deploy",
                "shop absent",
                "There is no environment `shop/absent`. See with `/env list` in chat, or with `status`, which there are.",
            ),
            (
                EVE,
                "/env",
                "retry shop/staging",
                "There is no environment `shop/staging`. See with `/env list` in chat, or with `status`, which there are.",
            ),
            (
                EVE,
                "/env",
                "create shop",
                "There is no application `shop` of which you may create environments. The platform configuration says who may.",
            ),
            (
                RAY,
                "/env",
                "create shop",
                "There is no application `shop` of which you may create environments. The platform configuration says who may.",
            ),
            (
                RAY,
                "/env",
                "destroy shop/staging",
                "u0ray may not destroy `shop/staging`. The platform configuration says who may.",
            ),
        ] {
            let trigger = world.typed(who, slash, text).await;
            assert_eq!(told(&trigger), expected, "{who} {slash} {text}");
        }
        assert_eq!(world.environment("shop/staging").unwrap().wanted.generation, 1);
    });
}

#[test]
fn what_is_asked_for_must_fit() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(with_people).await;
        for (text, expected) in [
            ("create shop try for 4m", "An environment lives at least 5m. Ask for longer."),
            (
                "create shop try for 73h",
                "An environment of this type lives at most 3d, says the platform configuration. Ask for less, and extend it later.",
            ),
            (
                "create shop pr-7",
                "`shop/pr-7` is the preview of a pull request by its name. Choose another name.",
            ),
            (
                "create shop staging",
                "`shop/staging` exists already. Choose another name, or see it with `/env status shop/staging`.",
            ),
            (
                "create shop try branch nowhere",
                "The branch `nowhere` does not exist. Create it, or let the environment follow another one.",
            ),
        ] {
            assert_eq!(told(&world.typed(ADA, "/env", text).await), expected, "{text}");
        }
        assert_eq!(world.environment("shop/try"), None);
    });
}

#[test]
fn a_protected_environment_is_not_destroyed_from_chat() {
    crate::simulation::in_virtual_time(async {
        let protected =
            |platform: String| with_people(platform).replace("limit: 3\n", "limit: 3\n    protected: true\n");
        let (world, staging) = with_staging(protected).await;
        let trigger = world.typed(ADA, "/env", "destroy shop/staging").await;
        assert!(told(&trigger).starts_with("`shop/staging` is of a protected type"), "{trigger:?}");
        assert!(told(&trigger).ends_with("Have a platform engineer take it out there first."), "{trigger:?}");
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();

        let without =
            world.platform.replace("base: staging", "base: other").replace("staging: {", "other: {");
        let parsed = Platform::parse(without.as_bytes()).unwrap();
        configuration::seed(world.state.as_ref(), &parsed, &without, world.time.now()).await.unwrap();
        world.typed(ADA, "/env", "destroy shop/staging").await;
        world.gone("shop/staging").unwrap();
    });
}

#[test]
fn a_standing_environment_that_was_destroyed_stays_gone_until_its_branch_moves() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(with_people).await;
        world.typed(ADA, "/env", "destroy shop/staging").await;
        world.pass(4 * UNTIL_LOOKED).await;
        world.gone("shop/staging").unwrap();
        world.push("main", "goes on");
        let [web, worker] = world.build_main();
        world.pass(UNTIL_LOOKED).await;
        world.runs("shop/staging", &web, &worker).unwrap();
    });
}
