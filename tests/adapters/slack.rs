//! Slack's client against the model of Slack.

use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::command::ReplyAddress;
use roadstead_steps::nouns::{CallError, Chat};
use roadstead_web::{
    Transport,
    slack::{API, BotToken, HOOKS, Settings, Slack},
};
use roadstead_worlds::slack::{App, REPLY_USES, Settings as WorldSettings, Slack as World};
use std::sync::{Arc, Mutex};

const TOKEN: &str = "xoxb-adapters";

struct Model {
    world: Mutex<World>,
    now: Mutex<Timestamp>,
}

#[async_trait::async_trait]
impl Transport for Model {
    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        Ok(self.world.lock().unwrap().handle(&request, self.now()))
    }
}

impl Model {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn forward(&self, span: SignedDuration) {
        *self.now.lock().unwrap() += span;
    }

    fn typed(&self) -> ReplyAddress {
        let typed = self.world.lock().unwrap().type_command("U2", "C1", "/env list", self.now());
        ReplyAddress::new(typed.unwrap().reply)
    }

    fn texts(&self) -> Vec<String> {
        self.world.lock().unwrap().messages("C1").iter().map(|message| message.text.clone()).collect()
    }
}

fn prepared() -> (Arc<Model>, Slack) {
    let app = App { team: "T1".to_owned(), id: "A1".to_owned(), token: TOKEN.to_owned() };
    let mut world = World::new(app, WorldSettings::default());
    world.add_user("U2", "ada");
    world.add_channel("C1", "shop", true);
    world.add_channel("C2", "elsewhere", false);
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let model = Arc::new(Model { world: Mutex::new(world), now: Mutex::new(now) });
    let settings = Settings { api: API.to_owned(), hooks: HOOKS.to_owned(), token: BotToken::new(TOKEN) };
    (model.clone(), Slack::with_transport(settings, model))
}

#[tokio::test]
async fn a_message_is_said_once_found_again_and_changed() {
    let (model, slack) = prepared();
    assert_eq!(slack.find("C1", "roadstead/shop").await.unwrap(), None);
    let said = slack.post("C1", "roadstead/shop", "shop/try is being made").await.unwrap();
    slack.post("C1", "roadstead/other", "another").await.unwrap();
    assert_eq!(slack.find("C1", "roadstead/shop").await.unwrap(), Some(said.clone()));
    slack.update("C1", &said, "roadstead/shop", "shop/try is ready").await.unwrap();
    assert_eq!(model.texts(), ["shop/try is ready", "another"]);
    assert_eq!(slack.find("C1", "roadstead/shop").await.unwrap(), Some(said), "the marker stays");
}

#[tokio::test]
async fn what_is_said_below_a_message_is_found_too() {
    let (model, slack) = prepared();
    let said = slack.post("C1", "m", "shop/try is ready").await.unwrap();
    slack.post_below("C1", &said, "m#end", "it goes away").await.unwrap();
    assert_eq!(model.texts(), ["shop/try is ready", "it goes away"]);
    assert_eq!(slack.find("C1", "m").await.unwrap(), Some(said.clone()));
    let below = slack.find("C1", "m#end").await.unwrap();
    assert!(below.is_some() && below != Some(said));
}

#[tokio::test]
async fn a_message_is_found_behind_many_others() {
    let (model, slack) = prepared();
    let said = slack.post("C1", "m", "ours").await.unwrap();
    for number in 0..450 {
        let (now, text) = (model.now(), number.to_string());
        model.world.lock().unwrap().say("C1", "U2", &text, None, now).unwrap();
    }
    assert_eq!(slack.find("C1", "m").await.unwrap(), Some(said));
}

#[tokio::test]
async fn a_copied_marker_is_not_taken_for_ours() {
    let (model, slack) = prepared();
    let copied = serde_json::json!({"event_type": "roadstead", "event_payload": {"marker": "m"}});
    model.world.lock().unwrap().say("C1", "UOTHER", "not ours", Some(copied), model.now()).unwrap();
    assert_eq!(slack.find("C1", "m").await.unwrap(), None);
}

#[tokio::test]
async fn a_deleted_message_and_a_channel_that_we_are_not_in_are_missing() {
    let (model, slack) = prepared();
    let said = slack.post("C1", "m", "x").await.unwrap();
    model.world.lock().unwrap().delete_message("C1", &said).unwrap();
    let missing = |error: CallError| matches!(error, CallError::Missing { .. });
    assert!(missing(slack.update("C1", &said, "m", "y").await.unwrap_err()));
    assert!(missing(slack.post("C2", "m", "x").await.unwrap_err()));
    assert!(missing(slack.find("C2", "m").await.unwrap_err()));
    assert!(missing(slack.post("C9", "m", "x").await.unwrap_err()));
}

#[tokio::test]
async fn nobody_is_mentioned_and_no_text_is_too_long() {
    let (model, slack) = prepared();
    slack.post("C1", "m", "<!channel> <@U2>").await.unwrap();
    slack.post("C1", "n", &"<".repeat(100_000)).await.unwrap();
    let texts = model.texts();
    assert!(texts.iter().all(|text| !text.contains('<')), "{texts:?}");
}

#[tokio::test]
async fn a_channel_that_takes_no_more_just_now_says_so() {
    let (model, slack) = prepared();
    let mut refused = None;
    for number in 0..20 {
        refused = refused.or(slack.post("C1", &number.to_string(), "x").await.err());
    }
    let Some(CallError::Throttled { after: Some(after), .. }) = refused else { panic!("{refused:?}") };
    model.forward(after);
    slack.post("C1", "m", "x").await.unwrap();
}

#[tokio::test]
async fn a_command_is_answered_until_its_address_is_used_up_or_expired() {
    let (model, slack) = prepared();
    let used = model.typed();
    for number in 0..REPLY_USES {
        slack.reply(&used, &number.to_string()).await.unwrap();
    }
    assert!(matches!(slack.reply(&used, "more").await, Err(CallError::Missing { .. })));
    let expired = model.typed();
    model.forward(SignedDuration::from_mins(31));
    assert!(matches!(slack.reply(&expired, "late").await, Err(CallError::Missing { .. })));
}

#[tokio::test]
async fn a_wrong_token_and_a_lacking_scope_are_told() {
    let (model, slack) = prepared();
    model.world.lock().unwrap().settings.scopes.clear();
    let error = slack.post("C1", "m", "x").await.unwrap_err();
    assert!(matches!(error, CallError::Forbidden { .. }) && error.to_string().contains("chat:write"));
    let settings =
        Settings { api: API.to_owned(), hooks: HOOKS.to_owned(), token: BotToken::new("xoxb-other") };
    let error = Slack::with_transport(settings, model).post("C1", "m", "x").await.unwrap_err();
    assert!(matches!(error, CallError::Unauthorized { .. }) && !error.to_string().contains("xoxb"));
}
