/// What the move of one step of a plan is expected to come to.
package struct PlannedForecast: Hashable, Sendable {
    package let step: Step.StepID
    package let forecast: MoveForecast

    package init(step: Step.StepID, forecast: MoveForecast) {
        self.step = step
        self.forecast = forecast
    }
}
