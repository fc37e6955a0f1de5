// Tells somebody of new posts that mention them: a request for each to a webhook.

const MENTION = /@(\w+)/g;

export const handler = async (event) => {
  for (const { dynamodb } of event.Records) {
    const content = dynamodb.NewImage.content.S;
    for (const [, user] of content.matchAll(MENTION)) {
      const body = JSON.stringify({ user, content });
      const answer = await fetch(`${process.env.WEBHOOK_URL}/mentions`, { method: "POST", body });
      if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
    }
  }
};
