"""`controlmon daemon`: run what is due, on schedule, until stopped."""

import logging

import click

from controlmon.cli.common import config_of


@click.command("daemon")
@click.option("--tick", type=click.FloatRange(0.1, 3600), default=30, show_default=True, help="Seconds between looks at the schedule.")
@click.option("--once", is_flag=True, help="Run what is due now, and end.")
@click.pass_obj
def command(config: str | None, /, tick: float, once: bool) -> int:
    """Run what is due, on schedule, until stopped by SIGTERM or SIGINT. A cycle that is under way is finished first."""
    from controlmon.service import flow, providers
    from controlmon.service.anchors import open_anchors
    from controlmon.service.cycle import recover
    from controlmon.service.daemon import Agenda, keep_anchored, serve, stop_on_signals
    from controlmon.service.notify import Teller

    logging.getLogger("controlmon").setLevel(logging.INFO)
    settings = config_of(config)
    checks = flow.scheduled_checks(settings, flow.open_registry(settings))
    catalog = flow.open_catalog(settings)
    wanted = flow.asked(settings, checks)
    services = [service for provider in wanted for service in providers.services(provider)]
    agenda = Agenda(settings, checks, lambda: providers.targets(settings, wanted), services, lambda: flow.known(settings, catalog, wanted))
    teller = Teller(settings, catalog, {check.id: settings.frequency_of(check) for check in checks})
    ledger = flow.open_ledger(settings)
    try:
        anchors = open_anchors(settings, ledger, flow.utc_now)
        if once:
            recover(ledger, flow.utc_now)
            agenda.tick(ledger, flow.utc_now)
            keep_anchored(ledger, anchors, settings.settings.anchors.every, flow.utc_now)
            teller.tell(ledger, flow.utc_now())
            return 0
        return serve(ledger, agenda, flow.utc_now, tick, stop_on_signals(), anchors, teller)
    finally:
        ledger.close()
