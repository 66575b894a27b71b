//! What a team types in Slack, from the signed request to what is shown there.

use super::*;
use crate::simulation::world::CHANNEL;
use jiff::SignedDuration;
use roadstead_domain::trigger::Trigger;
use roadstead_steps::nouns::{Time as _, state::KEPT_UNTIL};
use roadstead_worlds::slack::TypedCommand;
use serde_json::Value;

const ADA: &str = "U0ADA";
/// Whom the platform file does not name.
const EVE: &str = "U0EVE";

impl World {
    /// What is shown of a command now, and how often it was answered at its address.
    fn shown(&self, address: &str) -> (Vec<String>, u64) {
        let outbox = self.slack.lock().unwrap().outbox();
        let replies = outbox["replies"].as_array().unwrap();
        let ours = |reply: &&Value| reply["response_url"].as_str().is_some_and(|url| url.ends_with(address));
        let reply = replies.iter().find(ours).unwrap();
        let answers = reply["answers"].as_array().unwrap().iter();
        let answers = answers.map(|answer| answer.as_str().unwrap().to_owned()).collect();
        (answers, reply["uses"].as_u64().unwrap())
    }

    fn triggers_of_slack(&self) -> Vec<Trigger> {
        let rows = self.state.rows();
        let ours = rows.iter().filter(|row| row.key.partition.starts_with("trigger#slack#"));
        ours.map(|row| rows::read(row).unwrap()).collect()
    }

    /// Types a command, and lets it come to its end; the one text that is shown then.
    async fn answered(self: &Arc<Self>, who: &str, line: &str) -> String {
        let (address, _) = self.types(who, line).await;
        self.pass(A_WHILE).await;
        let (answers, _) = self.shown(&address);
        assert_eq!(answers.len(), 1, "{line}: {answers:?}");
        answers[0].clone()
    }
}

#[test]
fn what_is_typed_is_answered_at_once_and_then_in_the_same_place() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let (address, at_once) = world.types(ADA, "/env create shop try branch main for 4h").await;
        assert_eq!(world.shown(&address), (vec![at_once], 0));
        world.pass(A_WHILE).await;
        let (answers, uses) = world.shown(&address);
        let url = world.environment("shop/try").unwrap().url.unwrap();
        assert!(
            answers.len() == 1 && answers[0].contains("ready") && answers[0].contains(&url),
            "{answers:?}"
        );
        assert!((1..=5).contains(&uses), "{uses}");
        let triggers = world.triggers_of_slack();
        assert!(triggers.len() == 1 && triggers[0].reply.is_none(), "the address is forgotten: {triggers:?}");

        let status = world.answered(ADA, "/env status shop/try").await;
        assert!(status.contains("ready") && status.contains(&url) && status.contains("left"), "{status}");
        assert!(world.answered(ADA, "/env list").await.contains("`shop/try`"));
        assert!(world.answered(ADA, "/env destroy shop/try").await.contains("gone"));
        world.gone("shop/try").unwrap();
        world.at_rest().unwrap();
    });
}

#[test]
fn what_was_typed_and_answered_is_not_kept_for_ever() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        world.answered(ADA, "/env create shop try").await;
        let longest = (world.context.now() + rows::KEPT).as_second();
        let shortest = longest - 60 * 60;
        for row in world.state.rows() {
            let partition = row.key.partition.as_str();
            let ends = partition.starts_with("trigger#") || partition.starts_with("announcement#reply#");
            let kept_until = row.attributes.get(KEPT_UNTIL).and_then(Value::as_i64);
            assert_eq!(kept_until.is_some(), ends, "{partition}");
            assert!(kept_until.is_none_or(|at| (shortest..=longest).contains(&at)), "{partition}");
        }
    });
}

#[test]
fn the_channel_has_one_message_for_each_incarnation_and_it_tells_the_truth() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        world.answered(ADA, "/env create shop try").await;
        let said = world.said_of("shop/try");
        assert!(said.len() == 1 && said[0].1.contains("ready"), "{said:?}");
        world.answered(ADA, "/env destroy shop/try").await;
        let said = world.said_of("shop/try");
        assert!(said.len() == 1 && said[0].1.contains("gone"), "{said:?}");
        world.answered(ADA, "/env create shop try").await;
        let said = world.said_of("shop/try");
        assert!(said.len() == 2 && said[1].1.contains("ready") && said[0].1.contains("gone"), "{said:?}");
    });
}

#[test]
fn a_message_that_somebody_deleted_is_said_again_when_there_is_news() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        world.answered(ADA, "/env create shop try").await;
        world.slack.lock().unwrap().delete_messages(CHANNEL).unwrap();
        world.answered(ADA, "/env destroy shop/try").await;
        let said = world.said_of("shop/try");
        assert!(said.len() == 1 && said[0].1.contains("gone"), "{said:?}");
        world.at_rest().unwrap();
    });
}

#[test]
fn a_near_miss_and_a_request_for_help_become_no_trigger() {
    crate::simulation::in_virtual_time(async {
        let world = calm(sample).await;
        for (line, part) in [
            ("/env crate shop", "/env create shop"),
            ("/env", "/env help"),
            ("/deploy shop/staging", "/deploy"),
        ] {
            let (_, shown) = world.types(ADA, line).await;
            assert!(shown.contains(part), "{line}: {shown}");
        }
        assert!(world.triggers_of_slack().is_empty());
    });
}

#[test]
fn whoever_may_do_nothing_is_told_nothing() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let hidden = world.answered(EVE, "/env status shop/staging").await;
        let missing = world.answered(EVE, "/env status shop/nothing").await;
        assert_eq!(hidden, missing.replace("nothing", "staging"));
        assert!(!world.answered(EVE, "/env list").await.contains("staging"));
        world.answered(EVE, "/env create shop try").await;
        assert!(world.environment("shop/try").is_none());
    });
}

#[test]
fn a_command_that_comes_twice_is_done_and_answered_once() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let typed = world.slack.lock().unwrap().type_command(ADA, CHANNEL, "/env list", world.time.now());
        let typed = typed.unwrap();
        let first = world.bring(&typed).await;
        assert_eq!(world.bring(&typed).await, first);
        world.pass(A_WHILE).await;
        assert_eq!((world.triggers_of_slack().len(), world.shown(&typed.reply).1), (1, 1));
    });
}

#[test]
fn what_takes_longer_than_slack_takes_answers_is_done_and_no_longer_answered() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let typed =
            world.slack.lock().unwrap().type_command(ADA, CHANNEL, "/env create shop try", world.time.now());
        let TypedCommand { reply, .. } = typed.clone().unwrap();
        world.bring(&typed.unwrap()).await;
        world.slack.lock().unwrap().expire_replies(SignedDuration::from_mins(31));
        world.pass(A_WHILE).await;
        assert_eq!(world.shown(&reply).1, 0);
        assert!(world.environment("shop/try").is_some_and(|now| now.phase == Phase::Ready));
        world.at_rest().unwrap();
    });
}

#[test]
fn a_channel_that_takes_no_more_just_now_is_told_later() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        world.slack.lock().unwrap().settings.burst = 1;
        for name in ["one", "two", "three", "four"] {
            world.types(ADA, &format!("/env create shop {name}")).await;
        }
        world.pass(Duration::from_secs(3_600)).await;
        for name in ["one", "two", "three", "four"] {
            let said = world.said_of(&format!("shop/{name}"));
            assert!(said.len() == 1 && said[0].1.contains("ready"), "{said:?}");
        }
        world.at_rest().unwrap();
    });
}

#[test]
fn what_takes_long_is_answered_for_the_last_time_while_it_still_can_be() {
    crate::simulation::in_virtual_time(async {
        let (world, _) =
            with_staging(|platform| platform.replacen("images: { wait: 1s", "images: { wait: 1h", 1)).await;
        world.push("main", "nobody builds it");
        world.pass(A_WHILE).await;
        let typed =
            world.slack.lock().unwrap().type_command(ADA, CHANNEL, "/env create shop try", world.time.now());
        let typed = typed.unwrap();
        world.bring(&typed).await;
        world.pass(Duration::from_secs(20 * 60)).await;
        let (answers, uses) = world.shown(&typed.reply);
        let text = answers.last().unwrap();
        assert!(text.contains("waiting for the image of") && !text.contains("longer"), "{answers:?}");
        world.pass(Duration::from_secs(9 * 60)).await;
        let (answers, all) = world.shown(&typed.reply);
        let text = answers.last().unwrap();
        assert!(text.contains("It takes longer than I can answer here."), "{answers:?}");
        assert_eq!(all, uses + 1);
        assert!(world.triggers_of_slack().iter().all(|trigger| trigger.reply.is_none()));
    });
}

impl World {
    /// What a command is answered in the end, where an image of the commit arrives while it is being carried out.
    async fn answered_past_an_image(self: &Arc<Self>, line: &str, image: impl FnOnce()) -> String {
        let (address, _) = self.types(ADA, line).await;
        let id = line.split(' ').skip(2).collect::<Vec<_>>().join("/");
        while self.environment(&id).is_none_or(|now| now.phase != Phase::Deploying) {
            self.pass(Duration::from_millis(1)).await;
        }
        let asked_for = self.environment(&id).unwrap().carrying;
        image();
        self.pass(A_WHILE).await;
        let (answers, uses) = self.shown(&address);
        assert!(answers.len() == 1 && (1..=5).contains(&uses), "{uses}: {answers:?}");
        assert!(self.environment(&id).unwrap().carrying > asked_for, "another generation takes its place");
        answers[0].clone()
    }
}

#[test]
fn what_takes_the_place_of_what_was_asked_for_is_followed_to_its_end() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let head = world.push("main", "goes on");
        let built = || drop(world.build("web", &format!("sha-{head}"), &head));
        let answer = world.answered_past_an_image("/env create shop try", built).await;
        let url = world.environment("shop/try").unwrap().url.unwrap();
        assert!(answer.contains("ready") && answer.contains(&url), "{answer}");
        assert!(world.triggers_of_slack().iter().all(|trigger| trigger.reply.is_none()));
        world.at_rest().unwrap();
    });
}

#[test]
fn a_teardown_that_is_looked_at_again_is_followed_to_its_end() {
    crate::simulation::in_virtual_time(async {
        let preview = terminating::held().await;
        let world = &preview.world;
        let (address, _) = world.types(ADA, &format!("/env retry {}", preview.id)).await;
        world.pass(A_WHILE).await;
        let (answers, _) = world.shown(&address);
        assert!(answers[0].contains("being removed, blocked by: "), "{answers:?}");
        terminating::let_go(&preview.world, &preview.namespace);
        world.pass(UNTIL_LOOKED).await;
        let (answers, uses) = world.shown(&address);
        assert!(answers.len() == 1 && answers[0].contains("gone") && uses <= 5, "{uses}: {answers:?}");
        assert!(world.triggers_of_slack().iter().all(|trigger| trigger.reply.is_none()));
    });
}
