<?php
// contract_server.php: what the operations of the contract do.

require_once __DIR__ . '/cases.php';

final class ContractServer
{
    private const KNOWN = ['Bergen', 'Oslo', 'Voss'];
    private const TYPES = 'urn:rmix:contract:types';

    private ?object $session = null;

    public function __construct(private SoapServer $server, private string $state)
    {
    }

    /** The header block; SoapServer calls it before the operation. */
    public function SessionToken(object $token): void
    {
        $this->session = $token;
    }

    public function echo(object $request): array
    {
        return ['return' => $request->text];
    }

    public function add(object $request): array
    {
        return ['return' => $request->a + $request->b];
    }

    public function stats(object $request): array
    {
        $values = many($request->values ?? null);
        $broken = $values === [] || array_filter($values, is_nan(...)) !== [];
        return ['return' => [
            'count' => count($values),
            'mean' => $this->double($broken ? NAN : array_sum($values) / count($values)),
            'min' => $this->double($broken ? NAN : min($values)),
            'max' => $this->double($broken ? NAN : max($values)),
        ]];
    }

    public function reading(object $request): array
    {
        return ['return' => match ($request->place) {
            'Oslo' => ['place' => 'Oslo', 'celsius' => -3.5, 'at' => '2024-01-31T12:30:00Z',
                'tags' => ['coast', 'capital'], 'quality' => 'good', 'note' => 'cold'],
            // The same moment as 2024-02-29T23:59:59Z.
            'Bergen' => ['place' => 'Bergen', 'celsius' => 6.25, 'at' => '2024-03-01T00:59:59+01:00',
                'tags' => ['rain'], 'quality' => 'bad', 'note' => null, 'comment' => 'wet'],
            'Voss' => ['place' => 'Voss', 'celsius' => -0.5, 'at' => '1999-12-31T23:59:59Z',
                'tags' => [], 'quality' => 'unknown', 'note' => '', 'comment' => ''],
            default => throw new SoapFault(
                'Server',
                "no such place: $request->place",
                null,
                (object) ['place' => $request->place, 'known' => self::KNOWN],
                'NoSuchPlace',
            ),
        }];
    }

    public function revise(object $request): array
    {
        $reading = $request->reading;
        $reading->celsius += 0.5;
        $reading->tags = array_reverse(many($reading->tags ?? null));
        return ['return' => $reading];
    }

    public function tree(object $request): array
    {
        return ['return' => $this->levels($request->node)];
    }

    public function blob(object $request): array
    {
        $sha256 = hash('sha256', $request->data, true);
        return ['return' => ['size' => strlen($request->data), 'sha256' => $sha256]];
    }

    public function area(object $request): array
    {
        $shape = $request->shape;
        return ['return' => match (true) {
            isset($shape->radius) => M_PI * $shape->radius ** 2,
            isset($shape->side) => $shape->side ** 2,
            default => 0.0,
        }];
    }

    public function pay(object $request): array
    {
        $day = (int) substr($request->on, 8, 2);
        return ['return' => $this->decimal($this->cents($request->amount) + $day)];
    }

    public function label(object $request): array
    {
        $item = $request->item;
        $item->id += 1;
        $item->_ = strtoupper($item->_);
        return ['return' => $item];
    }

    public function running(object $request): array
    {
        $sums = [];
        foreach (preg_split('/\s+/', $request->numbers, -1, PREG_SPLIT_NO_EMPTY) as $number) {
            $sums[] = (end($sums) ?: 0) + (int) $number;
        }
        return ['return' => implode(' ', $sums)];
    }

    public function settle(object $request): array
    {
        $payment = $request->payment;
        if (isset($payment->card)) {
            return ['return' => ['approval' => 'A-' . substr($payment->card->number, -4)]];
        }
        $change = $this->cents($payment->cash->tendered) - $this->cents($payment->amount);
        return ['return' => ['change' => $this->decimal($change)]];
    }

    public function whoami(object $request): array
    {
        if ($this->session === null) {
            throw new SoapFault('Client', 'the header SessionToken is missing');
        }
        $caller = $this->session->user . '#' . $this->session->id;
        $calls = $this->remembered('calls');
        $calls[$caller] = ($calls[$caller] ?? 0) + 1;
        $this->remember('calls', $calls);
        $served = ['count' => $calls[$caller]];
        $this->server->addSoapHeader(new SoapHeader('urn:rmix:contract', 'Served', $served));
        return ['return' => $caller];
    }

    public function notify(object $request): void
    {
        $this->remember('texts', [...$this->remembered('texts'), $request->text]);
    }

    /** One request is served after the other: what was notified before is there. */
    public function notified(object $request): array
    {
        $starts = fn (string $text) => str_starts_with($text, $request->prefix);
        return ['return' => array_values(array_filter($this->remembered('texts'), $starts))];
    }

    public function swap(object $request): array
    {
        return ['a' => $request->b, 'b' => $request->a];
    }

    /** SoapServer writes NAN, which xs:double does not know. */
    private function double(float $value): float|SoapVar
    {
        return is_nan($value) ? new SoapVar('NaN', XSD_STRING) : $value;
    }

    private function levels(object $node): int
    {
        return 1 + max([0, ...array_map($this->levels(...), many($node->children ?? null))]);
    }

    private function cents(string $decimal): int
    {
        [$whole, $fraction] = explode('.', $decimal . '.', 3);
        return (int) ($whole . substr(str_pad($fraction, 2, '0'), 0, 2));
    }

    private function decimal(int $cents): string
    {
        return sprintf('%d.%02d', intdiv($cents, 100), abs($cents) % 100);
    }

    private function remembered(string $name): array
    {
        $file = "$this->state/$name.json";
        return is_file($file) ? json_decode(file_get_contents($file), true) : [];
    }

    private function remember(string $name, array $values): void
    {
        file_put_contents("$this->state/$name.json", json_encode($values));
    }
}
