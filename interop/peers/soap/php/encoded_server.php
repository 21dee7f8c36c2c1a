<?php
// encoded_server.php: what the operations of the encoded service do, with objects that may be shared.

final class Person
{
    public ?string $name = null;
    public ?Person $friend = null;
}

final class EncodedServer
{
    public const CLASSES = ['Person' => Person::class];

    public function __construct(SoapServer $server, string $state)
    {
    }

    public function sum(array $numbers): int
    {
        return array_sum($numbers);
    }

    public function reverse(array $words): array
    {
        return array_reverse($words);
    }

    public function centre(array $points): array
    {
        $mean = fn (string $axis) => array_sum(array_column($points, $axis)) / count($points);
        return ['x' => $mean('x'), 'y' => $mean('y')];
    }

    public function same(Person $first, Person $second): bool
    {
        return $first === $second;
    }

    /** Each one's friend is the next, the last one's the first. */
    public function ring(array $names): Person
    {
        $persons = array_map(function (string $name) {
            $person = new Person();
            $person->name = $name;
            return $person;
        }, $names);
        foreach ($persons as $index => $person) {
            $person->friend = $persons[($index + 1) % count($persons)];
        }
        return $persons[0];
    }
}
