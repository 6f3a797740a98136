// Put behind the function: calls it with each of `EVENTS` and writes the answers as one JSON
// array to `answers.json` (njs prints no more than 2 KB at a time).

async function answers() {
    const answers = [];
    for (let at = 0; at < EVENTS.length; at++) {
        const answer = await handler(EVENTS[at]);
        answers.push(answer);
    }
    require('fs').writeFileSync('answers.json', JSON.stringify(answers));
}

answers();
