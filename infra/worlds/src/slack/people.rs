//! What people do, and what they see.

use super::{Channel, HOOKS, Message, Refusal, Slack, User, replies::ReplyPlace};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

impl Slack {
    /// Somebody joins the workspace.
    pub fn add_user(&mut self, id: &str, name: &str) {
        self.users.insert(id.to_owned(), User { name: name.to_owned() });
    }

    /// A channel is made, and our bot is invited into it or not.
    pub fn add_channel(&mut self, id: &str, name: &str, joined: bool) {
        let channel = Channel { name: name.to_owned(), joined, archived: false, messages: vec![] };
        self.channels.insert(id.to_owned(), channel);
    }

    /// Our bot is invited into a channel, or removed from it.
    ///
    /// # Errors
    /// Without that channel.
    pub fn set_joined(&mut self, channel: &str, joined: bool) -> Result<(), Refusal> {
        self.channel_mut(channel)?.joined = joined;
        Ok(())
    }

    /// A channel is archived.
    ///
    /// # Errors
    /// Without that channel.
    pub fn archive(&mut self, channel: &str) -> Result<(), Refusal> {
        self.channel_mut(channel)?.archived = true;
        Ok(())
    }

    /// A person or another App says something in a channel; returns the message's id.
    ///
    /// # Errors
    /// Without that channel.
    pub fn say(
        &mut self,
        channel: &str,
        user: &str,
        text: &str,
        metadata: Option<Value>,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let bot = metadata.as_ref().map(|_| format!("B{user}"));
        let message = self.message(user.to_owned(), bot, text.to_owned(), metadata, now);
        let ts = message.ts.clone();
        self.channel_mut(channel)?.messages.push(message);
        Ok(ts)
    }

    /// Somebody deletes every message of a channel.
    ///
    /// # Errors
    /// Without that channel.
    pub fn delete_messages(&mut self, channel: &str) -> Result<(), Refusal> {
        self.channel_mut(channel)?.messages.clear();
        Ok(())
    }

    /// Somebody deletes a message.
    ///
    /// # Errors
    /// Without that channel.
    pub fn delete_message(&mut self, channel: &str, ts: &str) -> Result<(), Refusal> {
        self.channel_mut(channel)?.messages.retain(|message| message.ts != ts);
        Ok(())
    }

    /// Slack loses patience: every address for answers is as old as if it had been made so much earlier.
    pub fn expire_replies(&mut self, age: SignedDuration) {
        self.replies.values_mut().for_each(|place| place.made_at -= age);
    }

    /// What was said in a channel, oldest first.
    pub fn messages(&self, channel: &str) -> Vec<&Message> {
        self.channels.get(channel).into_iter().flat_map(|channel| &channel.messages).collect()
    }

    /// Whether there is a channel with this id.
    pub fn has_channel(&self, id: &str) -> bool {
        self.channels.contains_key(id)
    }

    /// The person with this name, by id.
    pub fn user_called(&self, name: &str) -> Option<&str> {
        self.users.iter().find(|(_, user)| user.name == name).map(|(id, _)| id.as_str())
    }

    /// The channel with this name, by id.
    pub fn channel_called(&self, name: &str) -> Option<&str> {
        self.channels.iter().find(|(_, channel)| channel.name == name).map(|(id, _)| id.as_str())
    }

    /// What the App said, as it is shown now: each command with its answers, and each message in a channel.
    pub fn outbox(&self) -> Value {
        let mut places: Vec<(&String, &ReplyPlace)> = self.replies.iter().collect();
        places.sort_by_key(|(_, place)| place.made_at);
        let replies: Vec<Value> = places
            .into_iter()
            .map(|(path, place)| {
                let answers: Vec<&str> = place.answers.iter().map(|answer| answer.text.as_str()).collect();
                let ReplyPlace { command, user, channel, uses, made_at, .. } = place;
                json!({
                    "command": command, "user": user, "channel": channel, "at": made_at,
                    "text": answers.last(), "answers": answers, "uses": uses,
                    "response_url": format!("{HOOKS}/{path}"),
                })
            })
            .collect();
        let messages: Vec<Value> =
            self.channels
                .iter()
                .flat_map(|(id, channel)| {
                    let ours =
                        channel.messages.iter().filter(|message| message.bot.as_ref() == Some(&self.bot()));
                    ours.map(move |message| json!({
                "channel": id, "channel_name": channel.name, "ts": message.ts, "at": message.said_at,
                "text": message.text, "edits": message.edits,
            }))
                })
                .collect();
        json!({"replies": replies, "messages": messages})
    }

    fn channel_mut(&mut self, channel: &str) -> Result<&mut Channel, Refusal> {
        self.channels.get_mut(channel).ok_or(Refusal::CHANNEL_NOT_FOUND)
    }
}
