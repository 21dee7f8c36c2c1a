<?php
// contract_client.php: calls the contract by SoapClient.
//
//     php contract_client.php WSDL ENDPOINT 1.1|1.2 USER [CASE...]
//
// SoapClient takes the first binding of a WSDL whatever version is asked for; for 1.2 the envelope
// is written by that version all the same. It writes NAN, which xs:double does not know: there is no
// case that sends one.

require __DIR__ . '/cases.php';

const TYPES = 'urn:rmix:contract:types';

[, $wsdl, $endpoint, $version, $user] = $argv;
$client = new SoapClient($wsdl, [
    'location' => $endpoint,
    'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'exceptions' => true,
]);

function shown_stats(object $stats): string
{
    $numbers = array_map(number(...), [$stats->mean, $stats->min, $stats->max]);
    return implode(' ', [$stats->count, ...$numbers]);
}

function shown_reading(object $reading): string
{
    $at = (new DateTime($reading->at))->setTimezone(new DateTimeZone('UTC'));
    return sprintf(
        '%s %s %s [%s] %s note=%s comment=%s',
        $reading->place,
        number($reading->celsius),
        $at->format('Y-m-d\TH:i:s\Z'),
        implode(',', many($reading->tags ?? null)),
        $reading->quality,
        $reading->note ?? 'nil',
        $reading->comment ?? 'absent',
    );
}

$stats = fn (float ...$values) => shown_stats($client->stats(['values' => $values])->return);
$echo = fn (string $text) => brackets($client->echo(['text' => $text])->return);
$reading = fn (string $place) => shown_reading($client->reading(['place' => $place])->return);
$revise = fn (array $fields) => shown_reading($client->revise(['reading' => $fields + [
    'place' => 'Tromsø',
    'celsius' => 21.25,
    'at' => '2023-06-01T10:00:00Z',
    'quality' => 'bad',
]])->return);
$fault = function (string $place) use ($reading) {
    try {
        return $reading($place);
    } catch (SoapFault $fault) {
        $unknown = $fault->detail->NoSuchPlace;
        return sprintf('NoSuchPlace %s [%s]', $unknown->place, implode(',', many($unknown->known)));
    }
};
$leaf = ['name' => 'leaf'];
$twig = ['name' => 'twig', 'children' => [['name' => 'branch', 'children' => [$leaf]]]];
$tree = ['name' => 'root', 'children' => [$leaf, $twig]];
$blob = function (string $data) use ($client) {
    $info = $client->blob(['data' => $data])->return;
    return $info->size . ' ' . bin2hex($info->sha256);
};
$area = function (string $type, array $fields) use ($client) {
    $shape = new SoapVar((object) $fields, SOAP_ENC_OBJECT, $type, TYPES);
    return number($client->area(['shape' => $shape])->return);
};
$pay = fn (string $amount, string $on) => $client->pay(['amount' => $amount, 'on' => $on])->return;
$label = function (array $item) use ($client) {
    $answer = $client->label(['item' => $item])->return;
    return $answer->id . ' ' . ($answer->lang ?? 'absent') . ' ' . $answer->_;
};
$running = function (int ...$numbers) use ($client) {
    $sums = $client->running(['numbers' => implode(' ', $numbers)])->return;
    return '[' . implode(',', preg_split('/\s+/', $sums, -1, PREG_SPLIT_NO_EMPTY)) . ']';
};
$settle = function (array $payment) use ($client) {
    $answer = $client->settle(['payment' => $payment])->return;
    return isset($answer->approval) ? "approval $answer->approval" : "change $answer->change";
};
$whoami = function () use ($client, $user) {
    $token = new SoapHeader('urn:rmix:contract', 'SessionToken', ['user' => $user, 'id' => 7]);
    $served = [];
    $answer = $client->__soapCall('whoami', [[]], null, $token, $served);
    return $answer->return . ' ' . $served['Served']->count;
};
$notify = function () use ($client, $user) {
    foreach (['one', 'two'] as $word) {
        $client->notify(['text' => "$user $word"]);
    }
    $texts = many($client->notified(['prefix' => $user, 'count' => 2])->return);
    sort($texts);
    return '[' . implode(',', $texts) . ']';
};
$swap = function () use ($client) {
    $answer = $client->swap(['a' => 'left', 'b' => 'right']);
    return "$answer->a $answer->b";
};

run_cases([
    'echo' => fn () => $echo('Grüße, 世界 🌍'),
    'echo-markup' => fn () => $echo('<a href="x">&amp;</a> ]]>'),
    'echo-space' => fn () => $echo("  two lines\n\tindented  "),
    'echo-empty' => fn () => $echo(''),
    'add' => fn () => $client->add(['a' => 1, 'b' => 2])->return,
    'add-negative' => fn () => $client->add(['a' => -2147483647, 'b' => -1])->return,
    'stats' => fn () => $stats(1, 2, 3.75),
    'stats-up' => fn () => $stats(1, INF),
    'stats-down' => fn () => $stats(-INF, 1.5),
    'stats-none' => fn () => $stats(),
    'reading' => fn () => $reading('Oslo'),
    'reading-nil' => fn () => $reading('Bergen'),
    'reading-bare' => fn () => $reading('Voss'),
    'reading-fault' => fn () => $fault('Atlantis'),
    'revise' => fn () => $revise(['tags' => ['a', 'b c'], 'note' => null, 'comment' => 'windy']),
    'revise-absent' => fn () => $revise(['note' => 'warm']),
    'revise-empty' => fn () => $revise(['note' => '', 'comment' => '']),
    'tree' => fn () => $client->tree(['node' => $tree])->return,
    'blob' => fn () => $blob(implode('', array_map(chr(...), range(0, 255)))),
    'blob-empty' => fn () => $blob(''),
    'area-shape' => fn () => $area('Shape', ['name' => 'Shape']),
    'area-circle' => fn () => $area('Circle', ['name' => 'Circle', 'radius' => 2]),
    'area-square' => fn () => $area('Square', ['name' => 'Square', 'side' => 2.5]),
    'pay' => fn () => $pay('100.05', '2024-02-29'),
    'pay-exact' => fn () => $pay('1234567890123456.05', '2024-12-01'),
    'label' => fn () => $label(['_' => 'Title <1>', 'id' => 7, 'lang' => 'en']),
    'label-plain' => fn () => $label(['_' => 'größe', 'id' => -1]),
    'running' => fn () => $running(1, 2, 3),
    'running-none' => fn () => $running(),
    'settle-card' => fn () => $settle(['amount' => '9.99', 'card' => ['number' => '49001234']]),
    'settle-cash' => fn () => $settle(['amount' => '12.50', 'cash' => ['tendered' => '20.25']]),
    'whoami' => $whoami,
    'whoami-again' => $whoami,
    'notify' => $notify,
    'swap' => $swap,
], array_slice($argv, 5));
