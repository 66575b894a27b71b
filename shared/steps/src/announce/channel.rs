//! The message about an environment in its application's channel: one for each incarnation, updated in place, and below it the
//! warning before its end.

use super::{Announce, comment::read, record};
use crate::{
    context::{Context, Handled},
    nouns::{CallError, Chat},
};
use roadstead_domain::{
    announcement::{Announcement, Said, SaidMessage},
    environment::Environment,
    name::EnvironmentId,
    refusal::Refusal,
    sentence,
};

impl Announce {
    /// Says in the channel how the environment is now. To create is to record, to look for our marker, and then to post.
    pub(super) async fn show_in_channel(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        id: &EnvironmentId,
    ) -> Handled {
        let Some(chat) = &self.chat else { return Ok(()) };
        let Some(environment) = read(context, id).await? else { return Ok(()) };
        let marker = format!("{}#{}", environment.mark, environment.incarnation);
        leave(chat.as_ref(), announcement, &environment, &marker).await?;
        let Some(channel) = environment.channel.clone() else { return Ok(()) };
        let text = sentence::in_channel(&environment, context.now());
        let there = announcement.said.message.clone();
        let there = there.filter(|said| said.marker == marker && said.channel == channel);
        if there.is_some() && announcement.said.text == text {
            return warn(context, chat.as_ref(), announcement, &environment).await;
        }
        let updated = match there {
            Some(message) => update(chat.as_ref(), message, &text).await?,
            None => None,
        };
        announcement.said.message = match updated {
            Some(message) => Some(message),
            None => {
                announcement.said = Said::default();
                record(context, announcement).await?;
                let message = SaidMessage { channel, id: String::new(), marker };
                Some(create(chat.as_ref(), message, &text).await?)
            }
        };
        announcement.said.text = text;
        warn(context, chat.as_ref(), announcement, &environment).await
    }
}

/// The message in a channel that the environment has left says so: it would go on saying what no longer holds.
async fn leave(
    chat: &dyn Chat,
    announcement: &mut Announcement,
    environment: &Environment,
    marker: &str,
) -> Handled {
    let left = announcement.said.message.as_ref().filter(|said| said.marker == marker);
    let left = left.filter(|said| environment.channel.as_ref() != Some(&said.channel));
    let Some(SaidMessage { channel, id, marker }) = left else { return Ok(()) };
    match chat.update(channel, id, marker, &sentence::left_channel(&environment.id)).await {
        Ok(()) => {}
        Err(
            error @ (CallError::Missing { .. } | CallError::Refused { .. } | CallError::Forbidden { .. }),
        ) => tracing::info!(%error, "a channel that was left takes no last message"),
        Err(error) => return Err(error.into()),
    }
    announcement.said = Said::default();
    Ok(())
}

/// Says the warning before the end of a lifetime below the message, once for each end: a message that changes notifies nobody.
async fn warn(
    context: &Context,
    chat: &dyn Chat,
    announcement: &mut Announcement,
    environment: &Environment,
) -> Handled {
    let (Some(end), Some(message)) = (environment.told_end(), &announcement.said.message) else {
        return Ok(());
    };
    if !environment.is_warned() || announcement.said.warned_of == Some(end) {
        return Ok(());
    }
    let SaidMessage { channel, id, marker } = message;
    let marker = format!("{marker}#{end}");
    if chat.find(channel, &marker).await?.is_none() {
        let text = sentence::warning_in_channel(environment, end, context.now());
        chat.post_below(channel, id, &marker, &text).await?;
    }
    announcement.said.warned_of = Some(end);
    Ok(())
}

/// Changes the message; none when somebody deleted it.
async fn update(chat: &dyn Chat, message: SaidMessage, text: &str) -> Result<Option<SaidMessage>, Refusal> {
    match chat.update(&message.channel, &message.id, &message.marker, text).await {
        Ok(()) => Ok(Some(message)),
        Err(CallError::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn create(chat: &dyn Chat, message: SaidMessage, text: &str) -> Result<SaidMessage, Refusal> {
    let SaidMessage { channel, marker, .. } = message;
    let id = match chat.find(&channel, &marker).await? {
        Some(id) => {
            chat.update(&channel, &id, &marker, text).await?;
            id
        }
        None => chat.post(&channel, &marker, text).await?,
    };
    Ok(SaidMessage { channel, id, marker })
}
