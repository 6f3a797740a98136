// The same as `crud`'s `GET /health`, as one would write it in Node.js: one BatchGetItem by AWS SDK v3,
// an answer in the envelope. The loop is the one that Lambda's Node.js runtime runs.

import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({ maxAttempts: 3 });
const table = process.env.RECORDS_TABLE;
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

async function handle() {
    const nobody = { business: { S: 'health' }, record: { S: 'health' } };
    await client.send(new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: [nobody], ConsistentRead: true } },
    }));
    const data = { status: 'ok', protocol: 1, serverTimestamp: new Date().toISOString() };
    return {
        statusCode: 200,
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
        body: JSON.stringify({ success: true, data }),
        isBase64Encoded: false,
    };
}

for (;;) {
    const next = await fetch(`${api}/next`);
    const id = next.headers.get('lambda-runtime-aws-request-id');
    const answer = await handle(await next.json());
    await fetch(`${api}/${id}/response`, { method: 'POST', body: JSON.stringify(answer) });
}
