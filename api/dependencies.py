"""What routes ask the application for."""

from typing import Annotated

from fastapi import Depends, Request

from civicgraph.api.serving import Serving


def _serving(request: Request) -> Serving:
    serving: Serving = request.app.state.serving
    return serving


ServingDependency = Annotated[Serving, Depends(_serving)]
