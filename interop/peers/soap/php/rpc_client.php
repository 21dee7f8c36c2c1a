<?php
// rpc_client.php: calls the service of style rpc and use literal by SoapClient.
//
//     php rpc_client.php WSDL ENDPOINT 1.1|1.2 USER [CASE...]

require __DIR__ . '/cases.php';

[, $wsdl, $endpoint, $version] = $argv;
$client = new SoapClient($wsdl, [
    'location' => $endpoint,
    'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1,
    'cache_wsdl' => WSDL_CACHE_NONE,
]);
$point = fn (float $x, float $y) => ['x' => $x, 'y' => $y];
$join = fn (string ...$words) => brackets($client->join(['word' => $words], ', '));

run_cases([
    'distance' => fn () => number($client->distance($point(1, 2), $point(4, 6))),
    'midpoint' => function () use ($client, $point) {
        $middle = $client->midpoint($point(1, -5), $point(2, 1));
        return number($middle->x) . ' ' . number($middle->y);
    },
    'join' => fn () => $join('a', 'b <c>', 'ü'),
    'join-none' => fn () => $join(),
    'divide' => function () use ($client) {
        $answer = $client->divide(17, 5);
        return "$answer[quotient] $answer[remainder]";
    },
], array_slice($argv, 5));
