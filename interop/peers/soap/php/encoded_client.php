<?php
// encoded_client.php: calls the service of style rpc and use encoded by SoapClient.
//
//     php encoded_client.php WSDL ENDPOINT 1.1|1.2 USER [CASE...]

require __DIR__ . '/cases.php';

final class Person
{
    public ?string $name = null;
    public ?Person $friend = null;
}

[, $wsdl, $endpoint, $version] = $argv;
$client = new SoapClient($wsdl, [
    'location' => $endpoint,
    'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'classmap' => ['Person' => Person::class],
]);

function person(string $name): Person
{
    $person = new Person();
    $person->name = $name;
    return $person;
}

$same = fn (Person $first, Person $second) => var_export($client->same($first, $second), true);

run_cases([
    'sum' => fn () => $client->sum([1, 2, 3]),
    'sum-none' => fn () => $client->sum([]),
    'reverse' => fn () => '[' . implode(',', $client->reverse(['a', '<b>', 'ü'])) . ']',
    'centre' => function () use ($client) {
        $centre = $client->centre([['x' => 1, 'y' => -5], ['x' => 2, 'y' => 1]]);
        return number($centre->x) . ' ' . number($centre->y);
    },
    'same' => function () use ($same) {
        $person = person('a');
        return $same($person, $person);
    },
    'same-not' => fn () => $same(person('a'), person('a')),
    'ring' => function () use ($client) {
        $first = $client->ring(['a', 'b', 'c']);
        $names = [];
        for ($one = $first; count($names) < 3; $one = $one->friend) {
            $names[] = $one->name;
        }
        return '[' . implode(',', $names) . '] ' . ($one === $first ? 'closed' : 'open');
    },
], array_slice($argv, 5));
