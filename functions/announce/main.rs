//! Tells people, in one place each.

use roadstead_aws::{Aws, context, secret::SecretsManager};
use roadstead_runtime::{
    lambda::{self, Worker},
    settings::SlackBot,
    time::SystemTime,
};
use roadstead_steps::{
    announce::Announce,
    nouns::{CallError, Chat},
};
use roadstead_web::{
    github::{Github, Settings},
    slack::{self, Slack},
};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let secrets = SecretsManager::new(aws.clone());
        let app = settings.github_app(&secrets).await?;
        let app = Settings::new(app.api, app.id, app.installation, app.private_key.bytes())?;
        let host = Arc::new(Github::new(app, Arc::new(SystemTime))?);
        let chat = settings.slack_bot(&secrets).await?.map(chat).transpose()?;
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(Worker { context, function: Announce::new(host, chat) })
    })
}

fn chat(bot: SlackBot) -> Result<Arc<dyn Chat>, CallError> {
    let settings = slack::Settings::new(bot.api, bot.hooks, bot.token.bytes())?;
    Ok(Arc::new(Slack::new(settings)?))
}
