<?php
// rpc_server.php: what the operations of the rpc service do; its arguments come one by one.

final class RpcServer
{
    public function __construct(SoapServer $server, string $state)
    {
    }

    public function distance(object $from, object $to): float
    {
        return hypot($to->x - $from->x, $to->y - $from->y);
    }

    public function midpoint(object $from, object $to): array
    {
        return ['x' => ($from->x + $to->x) / 2, 'y' => ($from->y + $to->y) / 2];
    }

    public function join(object $words, string $separator): string
    {
        return implode($separator, many($words->word ?? null));
    }

    public function divide(int $dividend, int $divisor): array
    {
        return ['quotient' => intdiv($dividend, $divisor), 'remainder' => $dividend % $divisor];
    }
}
